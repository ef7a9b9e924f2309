import { existsSync, readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { BUILT_IN_TYPES, checkCodecs, loadTypes, openSandbox, openSensorTypes } from '@ronde/sensor-types';
import type { CodecInput, LoadedType, Sandbox } from '@ronde/sensor-types';
import { measureHostile, rssMb } from './_hostile.ts';
import { spread } from './_spread.ts';

/*
 * What a decode costs, µs: in the sandbox one by one and in batches, from bytes to canonical readings, and the bare
 * codec function in plain V8 in the same run. Also the memory of each type in the sandbox, and what hostile codecs cost
 * everybody else. With CODECS_DIR and EXAMPLES (as for `ronde codec check`) the throughput on that corpus.
 */
const BATCH = 500;
const ROUNDS = 20;
const SINGLES = 2_000;
const WARM_UP = 300;
const RECV_TIME = '2026-01-01T00:00:00.000Z';

type Plain = (input: { bytes: number[]; fPort: number; recvTime: Date }) => unknown;

interface Subject {
  type: LoadedType;
  key: string;
  input: CodecInput;
}

/** Measures every built-in type that has bytes, then the hostile codecs. */
export async function run(): Promise<object> {
  const { types: loaded } = await loadTypes([BUILT_IN_TYPES]);
  const subjects = loaded.flatMap(subjectOf);
  const types = await openSensorTypes();
  const sandbox = await openSandbox();
  try {
    for (const { key, type } of subjects) sandbox.add(key, type.codec ?? '');
    const rows = [];
    for (const subject of subjects) rows.push(await measure(subject, sandbox, types));
    const corpus = await measureCorpus();
    return {
      unit: 'µs per decode',
      workers: 1,
      medianOfTypes: {
        single: middle(rows.map(({ single }) => single.p50)),
        batch: middle(rows.map(({ batch }) => batch.p50)),
        batchCpu: middle(rows.map(({ batchCpu }) => batchCpu)),
        plainV8: middle(rows.map(({ plainV8 }) => plainV8.p50)),
      },
      memoryPerTypeKb: await memoryPerType(subjects),
      hostile: await measureHostile(),
      ...(corpus && { corpus }),
      types: rows,
    };
  } finally {
    await Promise.all([types.close(), sandbox.close()]);
  }
}

function subjectOf(type: LoadedType): Subject[] {
  const { id, version } = type.manifest;
  const input = type.examples.flatMap(({ input, output }) => ('hex' in input && output?.data ? [input] : []))[0];
  if (type.codec === null || !input) return [];
  const bytes = Uint8Array.from(Buffer.from(input.hex, 'hex'));
  return [{ type, key: `${id}@${version}`, input: { bytes, fPort: input.fPort, recvTime: RECV_TIME } }];
}

async function measure(
  { type, key, input }: Subject,
  sandbox: Sandbox,
  types: Awaited<ReturnType<typeof openSensorTypes>>,
) {
  const { id } = type.manifest;
  const plain = runInContext(`${type.codec}\n;decodeUplink`, createContext({})) as Plain;
  const plainInput = { bytes: [...input.bytes], fPort: input.fPort, recvTime: new Date(RECV_TIME) };
  const batch = Array.from({ length: BATCH }, () => ({ key, input }));
  const readings = batch.map(() => ({ id, input }));
  return {
    id,
    payloadBytes: input.bytes.length,
    single: await timeEach(SINGLES, 1, () => sandbox.decode(key, input)),
    batch: await timeEach(ROUNDS, BATCH, () => sandbox.decodeBatch(batch)),
    batchCpu: await cpuEach(ROUNDS, BATCH, () => sandbox.decodeBatch(batch)),
    toReadings: await timeEach(ROUNDS, BATCH, () => types.decodeBatch(readings)),
    plainV8: await timeEach(ROUNDS, BATCH, () => {
      for (let i = 0; i < BATCH; i++) JSON.parse(JSON.stringify(plain(plainInput)));
    }),
  };
}

/** Times repeated work in µs per piece, the warm-up left out. */
async function timeEach(times: number, pieces: number, work: () => unknown): Promise<ReturnType<typeof spread>> {
  const warmUp = Math.ceil(WARM_UP / pieces);
  const samples: number[] = [];
  for (let i = 0; i < times + warmUp; i++) {
    const start = performance.now();
    await work();
    if (i >= warmUp) samples.push(((performance.now() - start) * 1000) / pieces);
  }
  return spread(samples);
}

/** Processor time of all threads per piece, µs: what a busy machine does not distort. */
async function cpuEach(times: number, pieces: number, work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++) await work();
  const { user, system } = process.cpuUsage(start);
  return Math.round(((user + system) * 10) / (times * pieces)) / 10;
}

/** What one more type takes, from a sandbox that holds each of them ten times under another name. */
async function memoryPerType(subjects: readonly Subject[]): Promise<number> {
  const COPIES = Math.max(1, Math.floor(90 / subjects.length));
  const sandbox = await openSandbox();
  try {
    await sandbox.decodeBatch([]);
    const before = rssMb();
    const copies = subjects.flatMap((subject) =>
      Array.from({ length: COPIES }, (_, copy) => ({ ...subject, key: `${subject.key}#${copy}` })),
    );
    for (const { key, type } of copies) sandbox.add(key, type.codec ?? '');
    await sandbox.decodeBatch(copies);
    return Math.max(0, Math.round(((rssMb() - before) * 1024) / copies.length));
  } finally {
    await sandbox.close();
  }
}

async function measureCorpus(): Promise<object | undefined> {
  const { CODECS_DIR: dir, EXAMPLES: file } = process.env;
  if (!dir || !file || !existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const start = performance.now();
  const { total, exact, mismatch, errors, byScript } = await checkCodecs(lines, dir);
  const seconds = (performance.now() - start) / 1000;
  const scripts = Object.keys(byScript).length;
  return { total, exact, mismatch, errors, scripts, linesPerSecond: Math.round(total / seconds) };
}

function middle(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
