import type { DeadLetter } from '@ronde/contracts';

/** Dead letters that fail in the same way. */
export interface LetterGroup {
  key: string;
  code: DeadLetter['code'];
  reason: string;
  remedy: string;
  letters: DeadLetter[];
  firstAt: string;
  lastAt: string;
}

/** Groups letters by code and reason, the largest group first. What differs per message (ids, numbers) does not part a group. */
export function groupLetters(letters: readonly DeadLetter[]): LetterGroup[] {
  const byKey = Map.groupBy(letters, ({ code, reason }) => `${code} ${shapeOf(reason)}`);
  return [...byKey]
    .map(([key, own]): LetterGroup => {
      const times = own.map(({ receivedAt }) => receivedAt).sort();
      const [{ code, reason, remedy }] = own as [DeadLetter];
      return { key, code, reason, remedy, letters: own, firstAt: times[0] ?? '', lastAt: times.at(-1) ?? '' };
    })
    .sort((a, b) => b.letters.length - a.letters.length || a.key.localeCompare(b.key));
}

/** A reason without what names one message: quoted parts, long hex, numbers. */
function shapeOf(reason: string): string {
  return reason
    .replace(/"[^"]*"/g, '"…"')
    .replace(/\b[0-9a-f]{8,}\b/gi, '…')
    .replace(/\d+/g, '#');
}
