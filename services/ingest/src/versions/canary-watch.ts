import type { CanaryTally, SensorTypeVersion } from '@ronde/contracts';
import type { Cancel, Clock, Logger } from '@ronde/kit';
import type { CanaryTrial } from '../steps/decode.ts';
import { FALSE_ALARM_RATE, judgeCanary } from './judge-canary.ts';

export interface CanaryWatchParts {
  /** Writes a tally down. */
  keep: (of: { typeId: string; version: string }, tally: CanaryTally) => Promise<void>;
  /** Takes a canary back. */
  rollBack: (of: { typeId: string; version: string }, reason: string) => Promise<void>;
  clock: Clock;
  log: Logger;
}

/** Counts how canaries fare beside the active versions, and has those taken back that do worse. */
export interface CanaryWatch {
  /** Begins to count for a canary, from what is known of it; ends for a version that is none any more. */
  follow(document: SensorTypeVersion): void;
  count(trials: readonly CanaryTrial[]): void;
  /** The tally at this moment; undefined when nothing is counted. */
  tallyOf(typeId: string, version: string): CanaryTally | undefined;
  start(): void;
  /** Writes down what is not yet written. */
  stop(): Promise<void>;
}

const SAVE_EVERY_MS = 15_000;

interface Followed {
  typeId: string;
  version: string;
  since: string | undefined;
  tally: CanaryTally;
  isNew: boolean;
  ending: boolean;
}

/** Creates the watch. A crash loses at most the counts since they were last written, which only makes it judge later. */
export function createCanaryWatch({ keep, rollBack, clock, log }: CanaryWatchParts): CanaryWatch {
  const followed = new Map<string, Followed>();
  let cancel: Cancel = () => undefined;
  let saving: Promise<void> = Promise.resolve();

  async function saveAll(): Promise<void> {
    for (const one of followed.values()) {
      if (!one.isNew) continue;
      one.isNew = false;
      await keep(one, { ...one.tally });
    }
  }
  const save = (): void => {
    saving = saving.then(saveAll).catch((error: unknown) => log.warn({ err: error }, 'ingest.canary.keep-fail'));
  };
  function judge(one: Followed): void {
    const { worse, evidence } = judgeCanary(one.tally);
    if (!worse || one.ending) return;
    one.ending = true;
    rollBack(one, reasonOf(one.tally, evidence)).catch((error: unknown) => {
      one.ending = false;
      log.error({ err: error, type_id: one.typeId, version: one.version }, 'ingest.canary.roll-back-fail');
    });
  }

  return {
    follow({ typeId, version, status, canarySince, tally }) {
      const key = keyOf(typeId, version);
      const known = followed.get(key);
      if (status !== 'canary') followed.delete(key);
      else if (!known || known.since !== canarySince)
        followed.set(key, {
          typeId,
          version,
          since: canarySince,
          tally: structuredClone(tally),
          isNew: false,
          ending: false,
        });
    },
    count(trials) {
      const touched = new Set<Followed>();
      for (const trial of trials) {
        const one = followed.get(keyOf(trial.typeId, trial.version));
        if (!one) continue;
        add(one.tally, trial);
        one.isNew = true;
        if (trial.canaryFailed) touched.add(one);
      }
      touched.forEach(judge);
    },
    tallyOf: (typeId, version) => followed.get(keyOf(typeId, version))?.tally,
    start() {
      cancel = clock.every(SAVE_EVERY_MS * clock.speed, save);
    },
    async stop() {
      cancel();
      save();
      await saving;
    },
  };
}

function add(tally: CanaryTally, { canaryFailed, activeFailed }: CanaryTrial): void {
  tally.canary.uplinks += 1;
  tally.active.uplinks += 1;
  if (canaryFailed) tally.canary.errors += 1;
  if (activeFailed) tally.active.errors += 1;
  if (canaryFailed && !activeFailed) tally.newlyFailing += 1;
  if (activeFailed && !canaryFailed) tally.newlyReadable += 1;
}

function reasonOf({ canary, newlyFailing, newlyReadable }: CanaryTally, evidence: number): string {
  const share = Math.round((1000 * canary.errors) / canary.uplinks) / 10;
  const times = evidence === Infinity ? 'beyond counting' : evidence.toPrecision(3);
  return (
    `rolled back by itself: it failed on ${canary.errors} of ${canary.uplinks} uplinks (${share} %), on ${newlyFailing} that ` +
    `the active version reads, while it reads ${newlyReadable} that the active version does not; ` +
    `evidence ${times}, needed ${1 / FALSE_ALARM_RATE} (false alarms at most ${FALSE_ALARM_RATE * 100} %)`
  );
}

function keyOf(typeId: string, version: string): string {
  return `${typeId}@${version}`;
}
