import {
  RondeError,
  type Fault,
  type RolledBack,
  type SensorTypeFiles,
  type SensorTypeVersion,
  type TypeVersionInput,
  type TypeVersionStatus,
} from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Clock, Logger } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { filesOf, type SensorTypes } from '@ronde/sensor-types';
import { checkFiles } from './check-files.ts';
import { versionId } from './follow.ts';
import type { Trials } from './trials.ts';

export interface VersionBookParts {
  registry: Pick<Registry, 'typeVersions'>;
  bus: Pick<Bus, 'publish'>;
  sensorTypes: Pick<SensorTypes, 'get' | 'inFolders'>;
  trials: Trials;
  clock: Clock;
  log: Logger;
  tenant: string;
}

/** Which version is meant, and who asks. */
export interface VersionName {
  typeId: string;
  version: string;
  by: string;
}

/** The published versions of all types and their way from draft to active and back; every step is written down before it counts. */
export interface VersionBook {
  /** @throws RondeError RESOURCE_UNKNOWN */
  get(typeId: string, version: string): Promise<SensorTypeVersion>;
  all(typeId: string): Promise<SensorTypeVersion[]>;
  /** Gives the files of a version, kept here or lying in a folder. @throws RondeError RESOURCE_UNKNOWN */
  files(typeId: string, version: string): Promise<SensorTypeFiles>;
  /** Adds a draft whose files were checked. @throws RondeError INPUT_INVALID with all faults, RESOURCE_EXISTS */
  create(input: TypeVersionInput, of: { typeId: string; by: string }): Promise<SensorTypeVersion>;
  /** Uses a version for a share of the devices; for all of them when no other version is active. */
  publish(name: VersionName, canaryPercent: number): Promise<SensorTypeVersion>;
  /** Uses a version for all devices. */
  promote(name: VersionName): Promise<SensorTypeVersion>;
  /** Takes a canary or active version back; the active one before it becomes active again. */
  rollBack(name: VersionName, why: Pick<RolledBack, 'cause' | 'reason'>): Promise<SensorTypeVersion>;
  /** Removes a draft. */
  remove(name: VersionName): Promise<void>;
  /** Changes what is noted beside a version, without effect on which one is used. */
  note(
    of: { typeId: string; version: string },
    change: Partial<Pick<SensorTypeVersion, 'tally' | 'comparison' | 'recovering'>>,
  ): Promise<void>;
}

const EMPTY_TALLY: SensorTypeVersion['tally'] = {
  canary: { uplinks: 0, errors: 0 },
  active: { uplinks: 0, errors: 0 },
  newlyFailing: 0,
  newlyReadable: 0,
};

/** Opens the book. Steps are taken one after the other, so that two people cannot both make an active version. */
export function openVersionBook(parts: VersionBookParts): VersionBook {
  const { registry, bus, sensorTypes, trials, clock, log, tenant } = parts;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(step: () => Promise<T>): Promise<T> => {
    const mine = last.then(step);
    last = mine.catch(() => undefined);
    return mine;
  };

  const all = (typeId: string): Promise<SensorTypeVersion[]> => registry.typeVersions.all(tenant, { typeId });
  async function get(typeId: string, version: string): Promise<SensorTypeVersion> {
    const found = await registry.typeVersions.get(tenant, versionId(typeId, version));
    if (found) return found;
    const isInFolder = sensorTypes.inFolders(typeId).some(({ manifest }) => manifest.version === version);
    const why = isInFolder ? 'lies in a folder and is not kept here' : 'does not exist';
    throw new RondeError('RESOURCE_UNKNOWN', `version ${version} of "${typeId}" ${why}`);
  }
  /** Writes versions down, then lets every process hear of them. */
  async function save(...documents: SensorTypeVersion[]): Promise<void> {
    const updatedAt = clock.iso();
    await registry.typeVersions.putAll(
      tenant,
      documents.map((document) => ({ ...document, updatedAt })),
    );
    for (const { id } of documents)
      await bus.publish('registry.changed', { tenant, kind: 'sensor-type-version', id, deleted: false });
  }
  const audit = (event: string, { typeId, version, by }: VersionName, facts: object = {}): void =>
    log.info({ type_id: typeId, version, by, ...facts }, `ingest.type-version.${event}`);

  async function activate(document: SensorTypeVersion): Promise<SensorTypeVersion> {
    const others = (await all(document.typeId)).filter(({ status }) => status === 'active');
    const active: SensorTypeVersion = { ...document, status: 'active', canaryPercent: 0 };
    const superseded = others
      .filter(({ id }) => id !== document.id)
      .map((other): SensorTypeVersion => ({ ...other, status: 'superseded' }));
    await save(active, ...superseded);
    return active;
  }

  return {
    get,
    all,
    async files(typeId, version) {
      const folder = sensorTypes.inFolders(typeId).find(({ manifest }) => manifest.version === version);
      const kept = await registry.typeVersions.get(tenant, versionId(typeId, version));
      return !kept && folder ? filesOf(folder) : (kept ?? (await get(typeId, version))).files;
    },
    async create(input, { typeId, by }) {
      const { files, version } = input;
      const { faults } = await trials.use((trial) => checkFiles(files, trial, { typeId, version }));
      refuse(faults);
      return inTurn(async () => {
        if (sensorTypes.get(typeId, version)) throw exists(typeId, version);
        const at = clock.iso();
        const draft: SensorTypeVersion = {
          id: versionId(typeId, version),
          typeId,
          version,
          status: 'draft',
          canaryPercent: 0,
          createdAt: at,
          createdBy: by,
          updatedAt: at,
          files,
          tally: EMPTY_TALLY,
          ...(input.note !== undefined && { note: input.note }),
        };
        if (!(await registry.typeVersions.insert(tenant, draft))) throw exists(typeId, version);
        await bus.publish('registry.changed', { tenant, kind: 'sensor-type-version', id: draft.id, deleted: false });
        audit('create', { typeId, version, by });
        return draft;
      });
    },
    publish: (name, canaryPercent) =>
      inTurn(async () => {
        const document = await get(name.typeId, name.version);
        mayBecome(document, 'canary');
        const other = (await all(name.typeId)).find(({ id, status }) => status === 'canary' && id !== document.id);
        if (other) throw conflict(`${other.version} is a canary already; promote it or roll it back first`);
        audit('publish', name, { canary_percent: canaryPercent });
        if (!sensorTypes.get(name.typeId)) return activate(document);
        const isOn = document.status === 'canary';
        const canary: SensorTypeVersion = {
          ...document,
          status: 'canary',
          canaryPercent,
          canarySince: isOn ? (document.canarySince ?? clock.iso()) : clock.iso(),
          tally: isOn ? document.tally : EMPTY_TALLY,
        };
        await save(canary);
        return canary;
      }),
    promote: (name) =>
      inTurn(async () => {
        const document = await get(name.typeId, name.version);
        mayBecome(document, 'active');
        audit('promote', name);
        return activate(document);
      }),
    rollBack: (name, why) =>
      inTurn(async () => {
        const document = await get(name.typeId, name.version);
        mayBecome(document, 'rolled-back');
        const wasCanary = document.status === 'canary';
        const back: SensorTypeVersion = {
          ...document,
          status: 'rolled-back',
          canaryPercent: 0,
          rolledBack: { ...why, at: clock.iso(), by: name.by },
          ...(why.reason !== undefined && { note: why.reason.slice(0, 500) }),
          ...(wasCanary && { recovering: true }),
        };
        const before = wasCanary ? undefined : newestOf(await all(name.typeId), 'superseded');
        await save(back, ...(before ? [{ ...before, status: 'active' as const }] : []));
        const { typeId, version, by } = name;
        log.warn({ type_id: typeId, version, by, ...why }, 'ingest.type-version.roll-back');
        return back;
      }),
    remove: (name) =>
      inTurn(async () => {
        const document = await get(name.typeId, name.version);
        if (document.status !== 'draft')
          throw conflict(`${name.version} is ${document.status}; only drafts are removed`);
        await registry.typeVersions.delete(tenant, document.id);
        await bus.publish('registry.changed', { tenant, kind: 'sensor-type-version', id: document.id, deleted: true });
        audit('remove', name);
      }),
    note: ({ typeId, version }, change) =>
      inTurn(async () => {
        const document = await registry.typeVersions.get(tenant, versionId(typeId, version));
        if (document) await registry.typeVersions.put(tenant, { ...document, ...change });
      }),
  };
}

const ALLOWED: Partial<Record<TypeVersionStatus, readonly TypeVersionStatus[]>> = {
  canary: ['draft', 'canary', 'rolled-back', 'superseded'],
  active: ['draft', 'canary', 'rolled-back', 'superseded'],
  'rolled-back': ['canary', 'active'],
};

function mayBecome({ version, status }: SensorTypeVersion, wanted: TypeVersionStatus): void {
  if (ALLOWED[wanted]?.includes(status)) return;
  throw conflict(`${version} is ${status} and cannot become ${wanted}`);
}

function newestOf(documents: readonly SensorTypeVersion[], status: TypeVersionStatus): SensorTypeVersion | undefined {
  return documents
    .filter((document) => document.status === status)
    .reduce<SensorTypeVersion | undefined>(
      (best, one) => (!best || one.updatedAt > best.updatedAt ? one : best),
      undefined,
    );
}

function refuse(faults: readonly Fault[]): void {
  if (faults.length > 0)
    throw new RondeError('INPUT_INVALID', `${faults.length} fault(s) in the files of the version`, {
      details: { faults },
    });
}

function exists(typeId: string, version: string): RondeError {
  return new RondeError('RESOURCE_EXISTS', `"${typeId}" has a version ${version} already; a version never changes`);
}

function conflict(message: string): RondeError {
  return new RondeError('STATE_CONFLICT', message);
}
