import type { Fraction } from '@ronde/contracts';
import { shared } from './shared-text.ts';

const KEYS = {
  residual: 'fractionResidual',
  paper: 'fractionPaper',
  glass: 'fractionGlass',
  plastic: 'fractionPlastic',
  organic: 'fractionOrganic',
  textile: 'fractionTextile',
  litter: 'fractionLitter',
} as const satisfies Record<Fraction, Parameters<typeof shared>[0]>;

/** Names a kind of waste. */
export const fractionName = (fraction: Fraction): string => shared(KEYS[fraction]);
