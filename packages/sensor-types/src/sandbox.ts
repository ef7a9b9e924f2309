import { createBreaker } from './breaker.ts';
import { toCallText, toUplinkText } from './codec-input.ts';
import type { CodecInput } from './codec-input.ts';
import { readAnswer, readUplinkAnswer } from './codec-output.ts';
import type { CodecAnswer, UplinkAnswer } from './codec-output.ts';
import type { EngineAnswer, EngineLimits } from './sandbox-engine.ts';
import { openSandboxPool } from './sandbox-pool.ts';
import type { WorkerItem } from './sandbox-messages.ts';

export type { CodecInput } from './codec-input.ts';

export type { Refusal } from './codec-output.ts';
export type DecodeResult = UplinkAnswer;

export type Routine = 'decodeUplink' | 'encodeDownlink' | 'decodeDownlink' | 'normalizeUplink';

export interface SandboxOptions {
  /** Memory per codec, bytes; at most 8 MiB. */
  memoryBytes?: number;
  stackBytes?: number;
  callTicks?: number;
  /** Wall time per decode before the worker is killed, ms. */
  wallMs?: number;
  faultsToOpen?: number;
  coolDownMs?: number;
  nowMs?: () => number;
}

export interface Sandbox {
  /** Makes a codec known under a key (`type@version`); a key's source never changes. */
  add(key: string, source: string): void;
  /** Runs decodeUplink; never throws for what a codec does. */
  decode(key: string, input: CodecInput): Promise<DecodeResult>;
  /** Decodes many at one crossing of the thread border; results in the order of the items. */
  decodeBatch(items: readonly { key: string; input: CodecInput }[]): Promise<DecodeResult[]>;
  /**
   * Runs any routine with any JSON input and gives its answer unchecked but for size and depth. `recvTime` becomes a
   * Date, `context` the global of that name, `nowMs` sets the clock where there is no `recvTime`.
   */
  call(key: string, routine: Routine, input: Record<string, unknown>): Promise<CodecAnswer>;
  /** Counts workers that were killed or died. */
  kills(): number;
  close(): Promise<void>;
}

const MAX_MEMORY_BYTES = 8 * 1024 * 1024;

/**
 * Opens the sandbox: QuickJS in a worker thread with a warm spare, limits on memory, stack, ticks and
 * wall time, and a breaker that pauses a codec after repeated faults. No host function is reachable
 * from a codec: JSON text goes in, JSON text comes out.
 */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const limits = toLimits(options);
  const pool = openSandboxPool({ limits, wallMs: options.wallMs ?? 150 });
  const known = new Set<string>();
  const breaker = createBreaker({
    threshold: options.faultsToOpen ?? 3,
    coolDownMs: options.coolDownMs ?? 60_000,
    nowMs: options.nowMs ?? (() => performance.now()),
  });
  await pool.run([]);

  function gate(key: string): EngineAnswer | undefined {
    if (!known.has(key)) return { kind: 'error', text: `no codec is known as "${key}"` };
    if (breaker.allows(key)) return undefined;
    return { kind: 'paused', text: `the codec "${key}" is paused after repeated faults` };
  }

  async function run<A extends CodecAnswer | UplinkAnswer>(
    calls: { key: string; routine: Routine; inputText: string }[],
    read: (answer: EngineAnswer) => A,
  ): Promise<A[]> {
    const gated = calls.map((call) => gate(call.key));
    const items: WorkerItem[] = calls.map((call, i) => (gated[i] ? null : call));
    const answers = await pool.run(items);
    return calls.map(({ key }, i) => {
      const refused = gated[i];
      if (refused) return read(refused);
      const result = read(answers[i] ?? NO_ANSWER);
      const stopped = result.ok ? undefined : result.stopped;
      // What was not run says nothing of the codec.
      if (stopped !== 'paused') breaker.record(key, stopped === 'fault');
      return result;
    });
  }

  async function decodeBatch(items: readonly { key: string; input: CodecInput }[]): Promise<DecodeResult[]> {
    const calls = items.map(({ key, input }) => ({
      key,
      routine: 'decodeUplink' as const,
      inputText: toUplinkText(input),
    }));
    return run(calls, readUplinkAnswer);
  }

  return {
    add(key, source) {
      known.add(key);
      pool.add(key, source);
    },
    async decode(key, input) {
      const [result] = await decodeBatch([{ key, input }]);
      return result ?? readUplinkAnswer(NO_ANSWER);
    },
    decodeBatch,
    async call(key, routine, input) {
      const [answer] = await run([{ key, routine, inputText: toCallText(input) }], readAnswer);
      return answer ?? readAnswer(NO_ANSWER);
    },
    kills: pool.kills,
    close: pool.close,
  };
}

const NO_ANSWER: EngineAnswer = { kind: 'fault', text: 'the sandbox gave no answer' };

function toLimits(options: SandboxOptions): EngineLimits {
  return {
    memoryBytes: Math.min(options.memoryBytes ?? 2 * 1024 * 1024, MAX_MEMORY_BYTES),
    stackBytes: options.stackBytes ?? 256 * 1024,
    callTicks: options.callTicks ?? 200,
    cpuUs: 60_000,
    faultsToStop: options.faultsToOpen ?? 3,
  };
}
