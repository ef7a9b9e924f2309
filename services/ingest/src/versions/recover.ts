import type { DeadLetter, SensorTypeVersion } from '@ronde/contracts';
import type { Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import type { LetterReplay } from '../replay-letters.ts';

export interface RecoverParts {
  registry: Pick<Registry, 'deadLetters' | 'devices'>;
  sensorTypes: Pick<SensorTypes, 'get'>;
  replayLetters: LetterReplay;
  /** Has the readings corrected that the version made of what it could read. */
  replayReadings: (of: { typeId: string; since: string; note: string }) => Promise<void>;
  log: Logger;
  tenant: string;
}

const PAGE = 500;

/**
 * Makes good what a canary did before it was rolled back: its dead letters are read by the active version, and a replay
 * puts that version's readings in the place of its own. Doing it twice changes nothing.
 */
export async function recover(document: SensorTypeVersion, parts: RecoverParts): Promise<void> {
  const { sensorTypes, replayLetters, replayReadings, log, tenant } = parts;
  const { typeId, version, canarySince } = document;
  if (canarySince === undefined || !sensorTypes.get(typeId)) return;
  const letters = await lettersOf(document, parts);
  const { readings, unread } = await replayLetters(tenant, letters);
  log.info({ type_id: typeId, version, letters: letters.length, readings, unread }, 'ingest.type-version.recover');
  await replayReadings({ typeId, since: canarySince, note: `${version} of ${typeId} was rolled back` });
}

/** Open letters of the type's devices, written while the version was a canary: its share may have changed meanwhile. */
async function lettersOf(
  { typeId, canarySince }: SensorTypeVersion,
  { registry, tenant }: RecoverParts,
): Promise<DeadLetter[]> {
  const sinceMs = Date.parse(canarySince!);
  const users = new Set((await registry.devices.all(tenant, { typeId })).map(({ id }) => id));
  const found: DeadLetter[] = [];
  let cursor: string | undefined;
  do {
    const where = { status: 'open', code: 'CODEC_FAULT' };
    const page = await registry.deadLetters.list(tenant, { limit: PAGE, cursor, where, descending: true });
    const recent = page.items.filter(({ receivedAt }) => Date.parse(receivedAt) >= sinceMs);
    found.push(...recent.filter(({ deviceId }) => deviceId !== undefined && users.has(deviceId)));
    cursor = recent.length < page.items.length ? undefined : page.next;
  } while (cursor !== undefined);
  return found;
}
