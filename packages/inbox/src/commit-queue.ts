import { setTimeout } from 'node:timers/promises';
import type { Frame } from '@ronde/contracts';
import { RondeError, isRondeError } from '@ronde/contracts/errors';
import { createBatch, type Batch } from './frame-codec.ts';
import type { Pace } from './port.ts';

/** Most frames of one commit; readers rely on it to find where a seq may begin. */
export const MAX_BATCH_FRAMES = 1_024;
const MAX_BATCH_BYTES = 1024 * 1024;

export interface CommitQueueOptions {
  /** Makes a batch durable and gives the seq of its first frame. */
  commit(batch: Batch): Promise<number>;
  /** Hears of every failed commit, after all waiting appends were rejected. */
  onFault(fault: RondeError): void;
  maxWaitingBytes: number;
  /** Gives the pace of now: asked before every commit. */
  pace(): Pace;
}
interface Pending {
  batch: Batch;
  /** Who waits for which of its frames. */
  waiting: { index: number; resolve: (seq: number) => void; reject: (reason: RondeError) => void }[];
}

/** Group commit: appends made while a commit runs share the next one. */
export interface CommitQueue {
  append(...frames: [Frame, ...Frame[]]): Promise<number>;
  /** Frames handed in and not yet durable. */
  waiting(): number;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

/** Makes the queue in front of the single writer. */
export function createCommitQueue(options: CommitQueueOptions): CommitQueue {
  const sealed: Pending[] = [];
  let filling: Pending = fresh();
  let running: Pending | undefined;
  let scheduled = false;
  let waitingBytes = 0;
  let waitingFrames = 0;
  let onDrained: (() => void)[] = [];

  const take = (): Pending | undefined => {
    const next = sealed.shift();
    if (next) return next;
    if (filling.batch.frames === 0) return undefined;
    const taken = filling;
    filling = fresh();
    return taken;
  };
  const settle = (pending: Pending): void => {
    waitingBytes -= pending.batch.bytes;
    waitingFrames -= pending.batch.frames;
  };
  const rejectAll = (fault: RondeError): void => {
    const all = [...(running ? [running] : []), ...sealed.splice(0), filling];
    filling = fresh();
    for (const pending of all) {
      settle(pending);
      for (const { reject } of pending.waiting) reject(fault);
    }
  };
  const paced = async (): Promise<void> => {
    const waitMs = waitingFrames === 0 ? 0 : options.pace().waitMs();
    if (waitMs > 0) await setTimeout(waitMs);
  };
  const flush = async (): Promise<void> => {
    await paced();
    scheduled = false;
    for (running = take(); running; await paced(), running = take()) {
      // what came in while it waited belongs to it: a commit is paid for when it begins, not when it is planned
      options.pace().taken(running.batch.frames);
      try {
        const firstSeq = await options.commit(running.batch);
        settle(running);
        for (const { index, resolve } of running.waiting) resolve(firstSeq + index);
      } catch (thrown) {
        const fault = toFault(thrown);
        rejectAll(fault);
        options.onFault(fault);
      }
    }
    for (const done of onDrained) done();
    onDrained = [];
  };
  /** Puts a frame into the batch that is filling, and gives that one. */
  const add = (frame: Frame): Pending => {
    const into = filling;
    const before = into.batch.bytes;
    into.batch.add(frame);
    waitingBytes += into.batch.bytes - before;
    waitingFrames += 1;
    if (into.batch.frames >= MAX_BATCH_FRAMES || into.batch.bytes >= MAX_BATCH_BYTES) {
      sealed.push(into);
      filling = fresh();
    }
    return into;
  };
  const schedule = (): void => {
    if (running || scheduled) return;
    scheduled = true;
    // after the poll phase: frames that several sockets brought in one turn share a commit
    setImmediate(() => void flush());
  };
  return {
    append(...frames) {
      if (waitingBytes >= options.maxWaitingBytes) {
        return Promise.reject(new RondeError('STORAGE_UNAVAILABLE', 'too much waits for the disk already'));
      }
      try {
        let last = filling;
        for (const frame of frames) last = add(frame);
        const index = last.batch.frames - 1;
        return new Promise<number>((resolve, reject) => last.waiting.push({ index, resolve, reject }));
      } catch (thrown) {
        return Promise.reject(toFault(thrown));
      } finally {
        schedule();
      }
    },
    waiting: () => waitingFrames,
    drained: () => (running || scheduled ? new Promise((resolve) => onDrained.push(resolve)) : Promise.resolve()),
  };
}

function fresh(): Pending {
  return { batch: createBatch(), waiting: [] };
}

function toFault(thrown: unknown): RondeError {
  if (isRondeError(thrown, 'STORAGE_UNAVAILABLE') || isRondeError(thrown, 'INPUT_INVALID')) return thrown;
  return new RondeError('STORAGE_UNAVAILABLE', `the inbox cannot write: ${(thrown as Error).message}`, {
    cause: thrown,
  });
}
