import type { Stop } from '@ronde/contracts';
import { formatPercent } from '../shared/i18n/format.ts';
import { defineMessages } from '../shared/i18n/messages.ts';
import { shared } from '../shared/i18n/shared-text.ts';
import type { ChangeKind } from './changes.ts';
import { en } from './en.ts';
import { nl } from './nl.ts';
import { assets } from './state.ts';

/** Text of the crew's screen, in the reader's language. */
export const t = defineMessages(nl, en);

const CHANGE_KEYS = {
  added: 'labelAdded',
  removed: 'labelRemoved',
  moved: 'labelMoved',
} as const satisfies Record<ChangeKind, keyof typeof nl>;

export const changeName = (kind: ChangeKind): string => t(CHANGE_KEYS[kind]);

/** How people call the place of a stop. */
export function placeName(stop: Stop): string {
  const [first] = stop.assetIds;
  return (
    stop.name ?? (first === undefined ? undefined : assets.value.get(first)?.name) ?? stop.siteId ?? first ?? stop.id
  );
}

/** The fullest bin of a stop, 0…1; null when nothing is known. What the plan knew stands in for bins not fetched yet. */
export function fillOf(stop: Stop): number | null {
  const fills = stop.assetIds.map((id) => assets.value.get(id)?.state.fill ?? null).filter((fill) => fill !== null);
  return fills.length > 0 ? Math.max(...fills) : (stop.why?.fill ?? null);
}

/** A stop as a screen reader says it: "Stop 18 van 41, Neude 14, vulling 92 procent". */
export function stopLabel(stop: Stop, total: number): string {
  const values = { number: stop.seq, total, place: placeName(stop) };
  if (stop.kind === 'disposal') return t('tipLabel', values);
  const fill = fillOf(stop);
  return t('stopLabel', { ...values, fill: fill === null ? shared('fillUnknown') : formatPercent(fill) });
}
