import {
  RondeError,
  type DiffCounts,
  type Fault,
  type Replay,
  type ReplayInput,
  type ReplayStatus,
} from '@ronde/contracts';
import { newId, type Clock, type Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { openTrial, type Trial } from '@ronde/sensor-types';
import { Stopped } from '../retry.ts';
import { applyReplay, type ApplyParts } from './apply-run.ts';
import { compareReplay, type CompareParts } from './compare-run.ts';
import type { Stretch } from './walk.ts';

export interface ReplaysParts extends Omit<CompareParts & ApplyParts, 'trial'> {
  registry: Pick<Registry, 'assets' | 'deadLetters' | 'devices' | 'replayDifferences' | 'replays'>;
  clock: Clock;
  log: Logger;
  /** This one of several ingest workers; undefined where there is one. */
  worker?: string | undefined;
  /** When the oldest frame that is kept was received; undefined when there is none. */
  oldestMs: () => Promise<number | undefined>;
}

/** Replays as jobs, one at a time, that outlive a restart: compared first, then applied when so asked. */
export interface Replays {
  /** @throws RondeError INPUT_INVALID with all faults, RATE_EXCEEDED when many wait already */
  create(input: ReplayInput, of: { by: string; note?: string }): Promise<Replay>;
  /** Applies one that was compared, or goes on with one that was cancelled. @throws RondeError STATE_CONFLICT */
  apply(id: string, by: string): Promise<Replay>;
  cancel(id: string): Promise<Replay>;
  /** @throws RondeError RESOURCE_UNKNOWN */
  get(id: string): Promise<Replay>;
  /** Takes up what a stop or crash has interrupted. */
  start(): Promise<void>;
  /** Ends the stretch in hand; the job goes on after the next start. */
  stop(): Promise<void>;
}

const UNFINISHED: ReplayStatus[] = ['waiting', 'comparing', 'applying'];
const MAX_WAITING = 20;
/** Progress is written and told at most this often, host time. */
const TELL_EVERY_MS = 1_000;
/** A codec that hits its limits this often in a row is paused, and its frames count as not readable. */
const FAULTS_TO_PAUSE = 50;
const NO_COUNTS: DiffCounts = { same: 0, added: 0, changed: 0, removed: 0 };

interface Job {
  replay: Replay;
  abort: AbortController;
  cancelled: boolean;
}

export function createReplays(parts: ReplaysParts): Replays {
  const { registry, bus, clock, log, tenant } = parts;
  const jobs = new Map<string, Job>();
  let running: Promise<void> = Promise.resolve();
  let stopping = false;

  async function save(job: Job, change: Partial<Replay>): Promise<Replay> {
    const next = { ...job.replay, ...change, updatedAt: clock.iso() };
    const isEnd = !UNFINISHED.includes(next.status);
    // an end is seen only when it is written down and the job is gone, so that it can be taken up again at once
    if (!isEnd) job.replay = next;
    await registry.replays.put(tenant, next);
    job.replay = isEnd ? next : job.replay;
    if (isEnd) jobs.delete(next.id);
    await bus.publish('replay.changed', { tenant, replay: next });
    return next;
  }
  function enqueue(replay: Replay): void {
    const job: Job = { replay, abort: new AbortController(), cancelled: false };
    jobs.set(replay.id, job);
    running = running.then(() => work(job));
  }

  async function work(job: Job): Promise<void> {
    if (stopping || job.cancelled) return;
    let trial: Trial | undefined;
    try {
      trial = await openTrial({ faultsToOpen: FAULTS_TO_PAUSE });
      if (job.replay.status !== 'applying') await compare(job, trial);
      if (job.replay.status === 'applying') await apply(job, trial);
    } catch (thrown) {
      if (thrown instanceof Stopped || (stopping && !job.cancelled)) return;
      log.error({ err: thrown, replay_id: job.replay.id }, 'ingest.replay.fail');
      const fault = thrown instanceof Error ? thrown.message : String(thrown);
      await save(job, { status: 'failed', fault: fault.slice(0, 500) }).catch(() => undefined);
    } finally {
      await trial?.close();
    }
  }
  async function compare(job: Job, trial: Trial): Promise<void> {
    await save(job, { status: 'comparing', progress: { phase: 'compare', frames: 0, share: 0 } });
    const diff = await compareReplay(job.replay, { ...parts, trial }, controlOf(job, 'compare'));
    if (!diff) return cancelled(job);
    const progress = { phase: 'compare' as const, frames: diff.frames, share: 1 };
    await save(job, { status: job.replay.dryRun ? 'compared' : 'applying', diff, progress });
    const { same, added, changed, removed } = diff.readings;
    log.info({ replay_id: job.replay.id, frames: diff.frames, same, added, changed, removed }, 'ingest.replay.compare');
  }
  async function apply(job: Job, trial: Trial): Promise<void> {
    const before = job.replay.applied ?? NO_COUNTS;
    const onCounts = (now: DiffCounts): void => {
      job.replay = { ...job.replay, applied: sum(before, now) };
    };
    const counts = await applyReplay(job.replay, { ...parts, trial }, { ...controlOf(job, 'apply'), onCounts });
    const applied = sum(before, counts);
    if (job.abort.signal.aborted) return cancelled(job, { applied });
    const progress = { ...job.replay.progress, phase: 'apply' as const, share: 1 };
    await save(job, { status: 'applied', applied, progress });
    log.info({ replay_id: job.replay.id, ...applied }, 'ingest.replay.apply');
  }
  async function cancelled(job: Job, change: Partial<Replay> = {}): Promise<void> {
    // a stop leaves the status as it is, so that the next start goes on
    await save(job, job.cancelled ? { ...change, status: 'cancelled' } : change);
  }

  function controlOf(job: Job, phase: 'compare' | 'apply') {
    const fromMs = Date.parse(job.replay.from);
    const spanMs = Math.max(1, Date.parse(job.replay.to) - fromMs);
    let frames = 0;
    let toldMs = performance.now();
    return {
      signal: job.abort.signal,
      onStretch(stretch: Stretch): void {
        frames += stretch.frames;
        const share = Math.min(1, Math.max(0, (stretch.receivedAtMs - fromMs) / spanMs));
        job.replay = { ...job.replay, progress: { phase, frames, share } };
        if (performance.now() - toldMs < TELL_EVERY_MS) return;
        toldMs = performance.now();
        save(job, {}).catch((error: unknown) => log.warn({ err: error }, 'ingest.replay.tell-fail'));
      },
    };
  }

  async function get(id: string): Promise<Replay> {
    const found = jobs.get(id)?.replay ?? (await registry.replays.get(tenant, id));
    if (!found) throw new RondeError('RESOURCE_UNKNOWN', `there is no replay "${id}"`);
    return found;
  }

  return {
    get,
    async create(input, { by, note }) {
      if (jobs.size >= MAX_WAITING) throw new RondeError('RATE_EXCEEDED', `${jobs.size} replays wait already`);
      const { version, faults } = await check(input, parts);
      const nowMs = clock.nowMs();
      const fromMs = input.from === undefined ? ((await parts.oldestMs()) ?? nowMs) : Date.parse(input.from);
      const toMs = input.to === undefined ? nowMs + 1 : Date.parse(input.to);
      if (toMs < fromMs) faults.push(fault('to', 'must not be before "from"'));
      if (faults.length > 0)
        throw new RondeError('INPUT_INVALID', 'there is nothing to replay like this', { details: { faults } });
      const at = clock.iso();
      const replay: Replay = {
        id: newId('replay', nowMs),
        status: 'waiting',
        ...(input.deviceId !== undefined && { deviceId: input.deviceId }),
        ...(input.typeId !== undefined && { typeId: input.typeId }),
        ...(version !== undefined && { version }),
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        dryRun: input.dryRun,
        ...(parts.worker !== undefined && { worker: parts.worker }),
        createdAt: at,
        createdBy: by,
        updatedAt: at,
        progress: { phase: 'compare', frames: 0, share: 0 },
        diff: null,
        applied: null,
        ...(note !== undefined && { note }),
      };
      await registry.replays.put(tenant, replay);
      log.info({ replay_id: replay.id, by, dry_run: input.dryRun, ...scopeOf(replay) }, 'ingest.replay.create');
      enqueue(replay);
      return replay;
    },
    async apply(id, by) {
      const replay = await get(id);
      if (replay.status !== 'compared' && replay.status !== 'cancelled' && replay.status !== 'failed')
        throw new RondeError('STATE_CONFLICT', `the replay is ${replay.status}`);
      if (!replay.diff) throw new RondeError('STATE_CONFLICT', 'the replay ended before it was compared; make another');
      if (jobs.has(id)) throw new RondeError('STATE_CONFLICT', 'the replay is being worked on');
      const { fault: _past, ...rest } = replay;
      const next: Replay = { ...rest, status: 'applying', dryRun: false, updatedAt: clock.iso() };
      await registry.replays.put(tenant, next);
      log.info({ replay_id: id, by, ...scopeOf(next) }, 'ingest.replay.apply-ask');
      enqueue(next);
      return next;
    },
    async cancel(id) {
      const job = jobs.get(id);
      if (!job) throw new RondeError('STATE_CONFLICT', `the replay is ${(await get(id)).status}`);
      job.cancelled = true;
      job.abort.abort();
      return job.replay.status === 'waiting' ? save(job, { status: 'cancelled' }) : job.replay;
    },
    async start() {
      const left = await registry.replays.all(tenant, { status: UNFINISHED });
      // those of other workers read other inboxes
      const own = left.filter(({ worker }) => worker === parts.worker);
      for (const replay of own.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))) enqueue(replay);
    },
    async stop() {
      stopping = true;
      for (const { abort } of jobs.values()) abort.abort();
      await running;
    },
  };
}

/** Checks what a schema cannot see, and settles the version, so that a job goes on with the one it began with. */
async function check(
  { deviceId, typeId, version }: ReplayInput,
  { registry, sensorTypes, tenant }: ReplaysParts,
): Promise<{ version: string | undefined; faults: Fault[] }> {
  const faults: Fault[] = [];
  const device = deviceId === undefined ? undefined : await registry.devices.get(tenant, deviceId);
  if (deviceId !== undefined && !device) faults.push(fault('deviceId', `there is no device "${deviceId}"`));
  const id = typeId ?? device?.typeId;
  if (id === undefined) return { version: undefined, faults };
  if (typeId !== undefined && device && device.typeId !== typeId)
    faults.push(fault('typeId', `device "${device.id}" is of type ${device.typeId}`));
  const type = sensorTypes.get(id, version);
  if (!type)
    faults.push(
      version === undefined
        ? fault('typeId', `no version of "${id}" is active`)
        : fault('version', `there is no version ${version} of "${id}"`),
    );
  return { version: type?.manifest.version, faults };
}

function fault(field: string, message: string): Fault {
  return { field, code: 'INPUT_INVALID', message };
}

function scopeOf({ deviceId, typeId, version, from, to }: Replay): object {
  return { device_id: deviceId, type_id: typeId, type_version: version, from, to };
}

function sum(a: DiffCounts, b: DiffCounts): DiffCounts {
  return {
    same: a.same + b.same,
    added: a.added + b.added,
    changed: a.changed + b.changed,
    removed: a.removed + b.removed,
  };
}
