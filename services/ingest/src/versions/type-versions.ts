import {
  RondeError,
  type Incident,
  type SensorTypeDetail,
  type SensorTypeVersion,
  type TypeVersionSummary,
  type UplinkHeard,
  type VersionComparisonJob,
} from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Inbox } from '@ronde/inbox';
import { newId, type Cancel, type Clock, type Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { compareVersions as byNumber, summarise, type SensorTypes } from '@ronde/sensor-types';
import type { LetterReplay } from '../replay-letters.ts';
import type { CanaryTrial } from '../steps/decode.ts';
import { createCanaryWatch } from './canary-watch.ts';
import { compareVersions } from './compare-versions.ts';
import { followTypeVersions } from './follow.ts';
import { createFrameIndex, type FrameIndexParts } from './frame-index.ts';
import { recover, type RecoverParts } from './recover.ts';
import { createTrials, type Trials } from './trials.ts';
import { openVersionBook, type VersionBook, type VersionName } from './version-book.ts';

export interface TypeVersionsParts {
  registry: Registry;
  bus: Bus;
  inbox: Pick<Inbox, 'read' | 'stats'>;
  sensorTypes: SensorTypes;
  identify: FrameIndexParts['identify'];
  replayLetters: LetterReplay;
  replayReadings: RecoverParts['replayReadings'];
  /** Resolves when the batch that may still use an earlier version is done. */
  batchDone: () => Promise<void>;
  clock: Clock;
  log: Logger;
  tenant: string;
}

/** Everything about versions of sensor types: published, compared, tried on some devices, taken back. */
export interface TypeVersions {
  book: VersionBook;
  trials: Trials;
  /** @throws RondeError RESOURCE_UNKNOWN */
  detail(typeId: string): Promise<SensorTypeDetail>;
  shown(document: SensorTypeVersion): TypeVersionSummary;
  /** Starts to compare a version with the active one on the newest real frames. @throws RondeError STATE_CONFLICT while one runs */
  compare(name: VersionName, wanted: number): Promise<VersionComparisonJob>;
  comparison(typeId: string, version: string): Promise<VersionComparisonJob>;
  /** Takes in what the pipeline has committed. */
  committed(what: { heard: readonly UplinkHeard[]; trials: readonly CanaryTrial[] }): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates the versions; nothing is read before `start`. */
export function createTypeVersions(parts: TypeVersionsParts): TypeVersions {
  const { registry, bus, sensorTypes, clock, log, tenant } = parts;
  const trials = createTrials();
  const book = openVersionBook({ ...parts, trials });
  const index = createFrameIndex(parts);
  const comparisons = new Map<string, VersionComparisonJob>();
  const running = new Set<Promise<unknown>>();
  const ends: Cancel[] = [];
  const watch = createCanaryWatch({
    keep: (of, tally) => book.note(of, { tally }),
    rollBack: (of, reason) => rollBackByItself(of, reason),
    clock,
    log,
  });
  const inBackground = (work: Promise<unknown>): void => {
    const guarded = work.catch((error: unknown) => log.error({ err: error }, 'ingest.type-version.throw'));
    running.add(guarded);
    void guarded.finally(() => running.delete(guarded));
  };

  async function rollBackByItself(of: { typeId: string; version: string }, reason: string): Promise<void> {
    const tally = watch.tallyOf(of.typeId, of.version);
    if (tally) await book.note(of, { tally });
    await book.rollBack({ ...of, by: 'ronde' }, { cause: 'worse', reason });
    await openIncident(of, reason);
  }
  async function openIncident({ typeId, version }: { typeId: string; version: string }, reason: string): Promise<void> {
    const at = clock.iso();
    const text = `${typeId} ${version}: ${reason}`;
    const id = newId('inc', clock.nowMs());
    const what = { kind: 'type-rolled-back', typeId, version } as const;
    const incident: Incident = { id, ...what, status: 'open', openedAt: at, updatedAt: at, text };
    await registry.incidents.put(tenant, incident);
    await bus.publish('incident.changed', { tenant, incident });
  }
  async function makeGood(document: SensorTypeVersion): Promise<void> {
    // a batch that the canary was chosen for may write its dead letters only now
    await parts.batchDone();
    await recover(document, parts);
    await book.note(document, { recovering: false });
  }
  async function hear(id: string): Promise<void> {
    const document = await registry.typeVersions.get(tenant, id);
    if (!document) return;
    watch.follow(document);
    if (document.status === 'rolled-back' && document.recovering) inBackground(makeGood(document));
  }

  function shown({ id: _id, files: _files, ...document }: SensorTypeVersion): TypeVersionSummary {
    const tally = watch.tallyOf(document.typeId, document.version) ?? document.tally;
    return { ...document, tally, origin: 'published' };
  }

  const keyOf = (typeId: string, version: string): string => `${typeId}@${version}`;
  async function runComparison({ typeId, version }: VersionName, job: VersionComparisonJob): Promise<void> {
    const after = sensorTypes.get(typeId, version);
    const end: Partial<VersionComparisonJob> = {};
    try {
      if (!after) throw new RondeError('RESOURCE_UNKNOWN', `version ${version} of "${typeId}" cannot be read here`);
      const onProgress = (found: number, scanned: number): void => void Object.assign(job, { found, scanned });
      const { items, scanned, shortBecause } = await index.newest(tenant, typeId, { wanted: job.wanted, onProgress });
      Object.assign(job, { found: items.length, scanned, shortBecause });
      const before = sensorTypes.get(typeId);
      end.result = await trials.use((trial) => compareVersions(items, { before, after }, trial));
      end.status = 'done';
    } catch (thrown) {
      end.status = 'failed';
      end.fault = thrown instanceof Error ? thrown.message : String(thrown);
      log.warn({ err: thrown, type_id: typeId, version }, 'ingest.type-version.compare-fail');
    }
    // its end is seen once it is kept
    await book.note({ typeId, version }, { comparison: { ...job, ...end } }).finally(() => Object.assign(job, end));
  }

  return {
    book,
    trials,
    shown,
    async detail(typeId) {
      const documents = await book.all(typeId);
      const active =
        sensorTypes.get(typeId) ?? newest(documents.flatMap(({ version }) => sensorTypes.get(typeId, version) ?? []));
      if (!active) throw new RondeError('RESOURCE_UNKNOWN', `there is no sensor type "${typeId}"`);
      const inFolders = sensorTypes.inFolders(typeId).map((type) => inFolder(type, type === sensorTypes.get(typeId)));
      const versions = [...documents.map(shown), ...inFolders];
      return {
        ...summarise(active),
        settings: Object.entries(active.downlinks).map(([name, { description, fPort, parameters }]) => {
          return { name, description, fPort, parameters };
        }),
        versions: versions.sort((a, b) => byNumber(b.version, a.version)),
        devices: await registry.devices.count(tenant, { typeId }),
      };
    },
    async compare(name, wanted) {
      const { typeId, version } = name;
      await book.get(typeId, version);
      const key = keyOf(typeId, version);
      if (comparisons.get(key)?.status === 'running')
        throw new RondeError('STATE_CONFLICT', `${version} is being compared already`);
      const job: VersionComparisonJob = {
        status: 'running',
        startedAt: clock.iso(),
        against: sensorTypes.get(typeId)?.manifest.version ?? null,
        wanted,
        found: 0,
        scanned: 0,
        shortBecause: null,
        result: null,
      };
      comparisons.set(key, job);
      inBackground(runComparison(name, job));
      return job;
    },
    async comparison(typeId, version) {
      const job = comparisons.get(keyOf(typeId, version)) ?? (await book.get(typeId, version)).comparison;
      if (!job) throw new RondeError('RESOURCE_UNKNOWN', `${version} of "${typeId}" was never compared`);
      return job;
    },
    committed({ heard, trials: outcomes }) {
      index.note(heard);
      if (outcomes.length > 0) watch.count(outcomes);
    },
    async start() {
      ends.push(await followTypeVersions({ ...parts, onChange: hear }));
      for (const { id } of await registry.typeVersions.all(tenant, { status: ['canary', 'rolled-back'] }))
        await hear(id);
      watch.start();
    },
    async stop() {
      for (const end of ends.splice(0)) end();
      await watch.stop();
      await Promise.all(running);
    },
  };
}

type LoadedType = NonNullable<ReturnType<SensorTypes['get']>>;

function newest(types: readonly LoadedType[]): LoadedType | undefined {
  return types.toSorted((a, b) => byNumber(b.manifest.version, a.manifest.version))[0];
}

function inFolder({ manifest }: LoadedType, isActive: boolean): TypeVersionSummary {
  return {
    typeId: manifest.id,
    version: manifest.version,
    origin: 'folder',
    status: isActive ? 'active' : 'superseded',
    canaryPercent: 0,
    createdAt: null,
    updatedAt: null,
    createdBy: null,
    tally: { canary: { uplinks: 0, errors: 0 }, active: { uplinks: 0, errors: 0 }, newlyFailing: 0, newlyReadable: 0 },
  };
}
