import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { openSandbox } from '../sandbox.ts';
import type { Sandbox, SandboxOptions } from '../sandbox.ts';
import { fromHex, toHex } from './bytes.ts';
import { differenceOf } from './deep-equal.ts';
import { DEFAULT_RECV_TIME, readLine } from './example-line.ts';
import type { ExampleLine } from './example-line.ts';

/** What `ronde codec check --json` prints; `errors` counts lines that gave no answer to compare. */
export interface CodecReport {
  total: number;
  exact: number;
  mismatch: number;
  errors: number;
  byScript: Record<string, { total: number; exact: number }>;
  failures: { id: string; why: string }[];
}

type Outcome = { kind: 'exact' } | { kind: 'mismatch' | 'errors'; why: string };

/**
 * Runs unmodified codec scripts in the sandbox and compares them with the examples' expected output.
 * @param lines the example file's lines, text or parsed; @param codecsDir the tree that `script` paths start from
 */
export async function checkCodecs(
  lines: readonly unknown[],
  codecsDir: string,
  options: SandboxOptions = {},
): Promise<CodecReport> {
  // A check must judge every line by itself: no codec is paused for the faults of earlier lines.
  const sandbox = await openSandbox({ ...options, faultsToOpen: Infinity });
  const report: CodecReport = { total: 0, exact: 0, mismatch: 0, errors: 0, byScript: {}, failures: [] };
  const loaded = new Map<string, Promise<string | undefined>>();
  try {
    for (const [index, given] of lines.entries()) {
      if (given === '') continue;
      const read = readLine(given, index + 1);
      if (!read.ok) count(report, read.id, '(unreadable)', { kind: 'errors', why: read.why });
      else {
        const { line } = read;
        count(report, line.id, line.script ?? '(none)', await checkLine(sandbox, line, codecsDir, loaded));
      }
    }
    return report;
  } finally {
    await sandbox.close();
  }
}

function count(report: CodecReport, id: string, script: string, outcome: Outcome): void {
  report.total++;
  report[outcome.kind]++;
  const row = (report.byScript[script] ??= { total: 0, exact: 0 });
  row.total++;
  if (outcome.kind === 'exact') row.exact++;
  else report.failures.push({ id, why: outcome.why });
}

async function checkLine(
  sandbox: Sandbox,
  line: ExampleLine,
  codecsDir: string,
  loaded: Map<string, Promise<string | undefined>>,
): Promise<Outcome> {
  const path = line.script ?? '';
  const source = await (loaded.get(path) ?? remember(loaded, path, readScript(codecsDir, path)));
  if (source === undefined) return { kind: 'errors', why: `script not found: ${path}` };
  sandbox.add(path, source);
  const input = inputOf(line);
  if (typeof input === 'string') return { kind: 'errors', why: input };
  const answer = await sandbox.call(path, line.routine, input);
  if (!answer.ok) return { kind: 'errors', why: answer.errors.join('; ') };
  const why =
    line.routine === 'encodeDownlink' ? compareDownlink(line, answer.output) : compareData(line, answer.output);
  return why === undefined ? { kind: 'exact' } : { kind: 'mismatch', why };
}

function remember<T>(cache: Map<string, T>, key: string, value: T): T {
  cache.set(key, value);
  return value;
}

/** Reads a script below the tree; a path that leads out of it is not read. */
async function readScript(codecsDir: string, path: string): Promise<string | undefined> {
  const file = resolve(codecsDir, path);
  if (path === '' || relative(resolve(codecsDir), file).startsWith('..')) return undefined;
  return readFile(file, 'utf8').catch(() => undefined);
}

function inputOf(line: ExampleLine): Record<string, unknown> | string {
  const given = line.input?.['recvTime'];
  const recvTime = line.recvTime ?? (typeof given === 'string' ? given : DEFAULT_RECV_TIME);
  const nowMs = Date.parse(recvTime) || 0;
  const fPort = line.fPort ?? undefined;
  if (line.routine === 'encodeDownlink') {
    const request = line.input ?? (line.inputData ? { data: line.inputData } : {});
    return { fPort: fPort ?? 1, ...request, nowMs };
  }
  const written = line.bytesHex ?? line.input?.['bytes'];
  const bytes = typeof written === 'string' ? fromHex(written) : undefined;
  if (typeof written === 'string' && !bytes) return 'bytesHex is not hexadecimal';
  return { fPort, recvTime, ...line.input, ...(bytes ? { bytes: [...bytes] } : {}), nowMs };
}

function compareData(line: ExampleLine, output: unknown): string | undefined {
  const actual = asRecord(output);
  const expected = line.expected;
  const expectedErrors = expected.errors ?? [];
  if (expectedErrors.length > 0) return differenceOf(expectedErrors, actual['errors'] ?? [], 'errors');
  const errors = actual['errors'];
  if (Array.isArray(errors) && errors.length > 0) return `the codec gave errors: ${errors.join('; ')}`;
  // A normaliser gives one measurement or a list; The Things Stack makes a list of both.
  const asGiven = line.routine === 'normalizeUplink' ? asList : (value: unknown) => value;
  const data = differenceOf(asGiven(expected.data), asGiven(actual['data']), 'data');
  if (data) return data;
  return expected.warnings ? differenceOf(expected.warnings, actual['warnings'] ?? [], 'warnings') : undefined;
}

function compareDownlink(line: ExampleLine, output: unknown): string | undefined {
  const actual = asRecord(output);
  const { expected } = line;
  if (expected.errors?.length) return differenceOf(expected.errors, actual['errors'] ?? [], 'errors');
  const wanted = expected.bytesHex ?? (expected.bytes ? toHex(bytesOf(expected.bytes)) : undefined);
  const got = toHex(bytesOf(actual['bytes']));
  if (wanted !== undefined && wanted.toLowerCase() !== got) return `bytes: expected ${wanted}, got ${got}`;
  if (expected.fPort !== undefined && expected.fPort !== null) {
    return differenceOf(expected.fPort, actual['fPort'] ?? line.fPort ?? 1, 'fPort');
  }
  return undefined;
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Bytes come as an array, a typed array (an object of indexes in JSON), a Buffer ({type, data}) or hexadecimal text. */
function bytesOf(value: unknown): Iterable<number> {
  if (typeof value === 'string') return fromHex(value) ?? [];
  const record = asRecord(value);
  const list = Array.isArray(record['data']) ? (record['data'] as unknown[]) : Object.values(record);
  return list.map(Number);
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}
