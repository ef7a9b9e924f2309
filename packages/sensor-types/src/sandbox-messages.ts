import type { EngineAnswer, EngineLimits } from './sandbox-engine.ts';

/**
 * What the worker starts with; `progress` is Int32 [job, item + 1 (0 = idle), CPU time at the item's start in µs,
 * LOADING, RUNNING or SPOILT].
 */
export interface WorkerStart {
  limits: EngineLimits;
  progress: SharedArrayBuffer;
  codecs: [key: string, source: string][];
}

/** One call to make; null keeps the place of an item that is already settled. */
export type WorkerItem = { key: string; routine: string; inputText: string } | null;

/** Items and answers cross as columns: copying an object per message costs more than the rest of the crossing. */
export interface ItemColumns {
  /** The codecs and routines that are called. */
  targets: { key: string; routine: string }[];
  /** Which target each item is for; -1 where nothing is to be run. */
  target: Int32Array;
  inputTexts: string[];
}
export interface AnswerColumns {
  /** Which of KINDS each answer is; -1 where there is none. */
  kind: Int8Array;
  texts: string[];
}
const KINDS = ['value', 'nonFinite', 'error', 'fault', 'paused'] as const satisfies EngineAnswer['kind'][];

export type WorkerRequest =
  { kind: 'codec'; key: string; source: string } | { kind: 'job'; id: number; items: ItemColumns };
export interface WorkerReply {
  id: number;
  answers: AnswerColumns;
}

export function toColumns(items: readonly WorkerItem[]): ItemColumns {
  const numbers = new Map<string, number>();
  const targets: ItemColumns['targets'] = [];
  const numberOf = (key: string, routine: string): number => {
    const name = `${routine} ${key}`;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, targets.length);
    return targets.push({ key, routine }) - 1;
  };
  return {
    target: Int32Array.from(items, (item) => (item ? numberOf(item.key, item.routine) : -1)),
    targets,
    inputTexts: items.map((item) => item?.inputText ?? ''),
  };
}

export function fromColumns({ targets, target, inputTexts }: ItemColumns): WorkerItem[] {
  return inputTexts.map((inputText, index) => {
    const called = targets[target[index]!];
    return called ? { ...called, inputText } : null;
  });
}

export function toAnswerColumns(answers: readonly (EngineAnswer | null)[]): AnswerColumns {
  return {
    kind: Int8Array.from(answers, (answer) => (answer ? KINDS.indexOf(answer.kind) : -1)),
    texts: answers.map((answer) => answer?.text ?? ''),
  };
}

export function fromAnswerColumns({ kind, texts }: AnswerColumns): (EngineAnswer | null)[] {
  return texts.map((text, index) => {
    const known = KINDS[kind[index]!];
    return known ? { kind: known, text } : null;
  });
}

/** The id of the first thing a worker says, before any job. */
export const READY = 0;

/** Parsing a large codec takes its time and runs none of it; the wall time counts from when it runs. */
export const LOADING = 0;
export const RUNNING = 1;
/** The item made the engine itself throw: the thread ends, and it is known by whom. */
export const SPOILT = 2;
