import type { ReadingDifference } from '@ronde/contracts';

const HEADS = [
  'deviceId',
  'assetId',
  'chamber',
  'quantity',
  'at',
  'valueBefore',
  'qualityBefore',
  'flagsBefore',
  'valueAfter',
  'qualityAfter',
  'flagsAfter',
];

/** Writes differences as CSV, in SI units and UTC. Ids, numbers and codes hold nothing that needs quotes. */
export function csvOfDifferences(items: readonly ReadingDifference[]): string {
  const lines = items.map(({ deviceId, assetId, chamber, quantity, at, was, now }) =>
    [deviceId, assetId ?? '', chamber ?? '', quantity, at, ...sideOf(was), ...sideOf(now)].join(','),
  );
  return [HEADS.join(','), ...lines].join('\r\n') + '\r\n';
}

function sideOf(side: ReadingDifference['was']): (string | number)[] {
  return side === null ? ['', '', ''] : [side.value ?? '', side.quality, (side.flags ?? []).join(' ')];
}
