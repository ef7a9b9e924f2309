import { readFillCsv, replayFills, replayPlaces, shiftToNow } from '@ronde/firmware-sim';
import { EXIT, Exit } from '../exit.ts';
import { readText } from '../output.ts';
import type { SimFlags } from './sim.ts';
import { provision } from './sim-provision.ts';
import { untilEnd, type SimSummary } from './sim-run.ts';

/** Replays a recorded series as plain devices. */
export async function replaySeries(file: string, flags: SimFlags): Promise<SimSummary> {
  const read = readFillCsv(readText(file));
  if (!read.ok)
    throw new Exit(
      EXIT.USAGE,
      read.faults.map(({ field, message, remedy }) => `${file}, ${field}: ${message}; ${remedy}`).join('\n'),
    );
  const rows = flags.keepTimes ? read.value : shiftToNow(read.value, Date.now());
  const { assets, devices } = replayPlaces(rows, flags.seed);
  const ids = devices.map(({ id }) => id);
  const secrets = flags.provision
    ? (await provision(flags, { assets, devices, integrations: [], withSecret: ids })).devices
    : Object.fromEntries(ids.map((id) => [id, flags.secret ?? '']));
  const end = untilEnd(flags.duration);
  const options = {
    rows,
    mqttUrl: flags.mqtt,
    tenant: flags.tenant,
    secrets,
    speed: flags.speed ?? Infinity,
    signal: end.signal,
  };
  return replayFills(options)
    .catch((error: unknown) => {
      throw new Exit(EXIT.MISMATCH, `${(error as Error).message} (${flags.mqtt})`);
    })
    .finally(end.cancel);
}
