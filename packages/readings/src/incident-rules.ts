import type { AssetState, IncidentKind } from '@ronde/contracts';

/** An asset counts as full from here… */
export const FULL_FROM = 0.95;
/** …until it falls below this: fill wobbles around a threshold, an incident must not. */
export const FULL_UNTIL = 0.8;

/** Incidents that follow from an asset's state alone. */
export type WatchedKind = Extract<IncidentKind, 'asset-full' | 'sensor-silent'>;

/** What a state says about one kind of incident; `keep` lies between opening and resolving. */
export interface StateVerdict {
  kind: WatchedKind;
  wish: 'open' | 'resolve' | 'keep';
}

/** Judges a state: the one rule for incidents as they open live and as a replay would have opened them. */
export function verdictsOf(state: AssetState): StateVerdict[] {
  // nothing measured at all: the asset was removed, or its last readings were
  const full = state.fill !== null && state.fill >= FULL_UNTIL ? 'keep' : 'resolve';
  return [
    { kind: 'asset-full', wish: isFull(state.fill) ? 'open' : full },
    { kind: 'sensor-silent', wish: state.silent ? 'open' : 'resolve' },
  ];
}

/** Tells whether an asset counts as full, in incidents and in the numbers of the operations strip. */
export function isFull(fill: number | null): boolean {
  return fill !== null && fill >= FULL_FROM;
}
