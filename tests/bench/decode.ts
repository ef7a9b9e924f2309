import { BUILT_IN_TYPES, loadTypes, openSensorTypes } from '@ronde/sensor-types';
import type { LoadedType } from '@ronde/sensor-types';
import { createContext, runInContext } from 'node:vm';

/*
 * Decodes per second of each sensor type: one by one and in batches through the sandbox (bytes to canonical values),
 * the sandbox alone in batches, and the bare codec function without any sandbox in the same run.
 */
const BATCH = 1_000;
const ROUNDS = 5;
const SINGLES = 500;
const RECV_TIME = '2026-01-01T00:00:00.000Z';

type Plain = (input: { bytes: number[]; fPort: number; recvTime: Date }) => unknown;

/** Best of a few rounds: the machine's other work only ever adds time. */
async function perSecond(count: number, work: () => unknown): Promise<number> {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await work();
    best = Math.max(best, (count * 1000) / (performance.now() - start));
  }
  return Math.round(best);
}

/** Measures every built-in type that has bytes. */
export async function run(): Promise<object> {
  const { types: loaded } = await loadTypes([BUILT_IN_TYPES]);
  const types = await openSensorTypes();
  const rows: Record<string, unknown>[] = [];
  try {
    for (const type of loaded) if (type.codec !== null) rows.push(await measure(type));
    return { unit: 'decodes/s', batch: BATCH, workers: 1, types: rows };
  } finally {
    await types.close();
  }

  async function measure(type: LoadedType): Promise<Record<string, unknown>> {
    const { id, version } = type.manifest;
    const example = type.examples.flatMap(({ input, output }) => ('hex' in input && output?.data ? [input] : []))[0]!;
    const input = {
      bytes: Uint8Array.from(Buffer.from(example.hex, 'hex')),
      fPort: example.fPort,
      recvTime: RECV_TIME,
    };
    const batch = Array.from({ length: BATCH }, () => ({ id, input }));
    const raw = batch.map(() => ({ key: `${id}@${version}`, input }));
    const plain = runInContext(`${type.codec}\n;decodeUplink`, createContext({})) as Plain;
    const plainInput = { bytes: [...input.bytes], fPort: input.fPort, recvTime: new Date(RECV_TIME) };
    return {
      id,
      payloadBytes: input.bytes.length,
      single: await perSecond(SINGLES, async () => {
        for (let i = 0; i < SINGLES; i++) await types.decode(id, input);
      }),
      batch: await perSecond(BATCH, () => types.decodeBatch(batch)),
      batchSandboxOnly: await perSecond(BATCH, () => types.sandbox.decodeBatch(raw)),
      withoutSandbox: await perSecond(BATCH, () => {
        for (let i = 0; i < BATCH; i++) JSON.parse(JSON.stringify(plain(plainInput)));
      }),
    };
  }
}
