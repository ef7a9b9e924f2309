import {
  RondeError,
  type Import,
  type ImportRow,
  type ImportRowRecord,
  type ImportUndone,
  type Page,
} from '@ronde/contracts';
import { newId, openThread, refuse, type Service, type Thread } from '@ronde/kit';
import type { ApiDeps } from '../deps.ts';
import { faultOf, found } from '../faults.ts';
import { digestOf } from './digest.ts';
import { createAssetImport } from './import-assets.ts';
import { createDeviceImport } from './import-devices.ts';
import { createReadingImport } from './import-readings.ts';
import type { ImportKind, Planned } from './kind.ts';
import type { ImportThread } from './worker.ts';

/** Rows of one step: small enough that nobody waits for the event loop, large enough to share commits. */
const BATCH = 250;
/** Imports of which the rows are kept, and which can so be undone; older ones go. */
const KEPT = 20;

export interface ImportFile {
  kind: Import['kind'];
  bytes: Uint8Array;
  dryRun: boolean;
}

/** Runs imports one after the other, in steps; people follow by asking. */
export interface Importer extends Service {
  /**
   * Reads the file's headings and begins; resolves with the import under way.
   * @throws RondeError INPUT_INVALID for the file as a whole, RATE_EXCEEDED while another one runs
   */
  begin(tenant: string, file: ImportFile): Promise<Import>;
  rows(tenant: string, id: string, query: RowQuery): Promise<Page<ImportRow>>;
  /** @throws RondeError RESOURCE_UNKNOWN, INPUT_INVALID when there is nothing to take back */
  undo(tenant: string, id: string): Promise<ImportUndone>;
}

export interface RowQuery {
  limit: number;
  cursor?: string | undefined;
  outcome?: ImportRow['outcome'] | undefined;
  /** Shows secrets of new devices, this once. */
  secrets?: boolean;
}

export function createImporter(deps: ApiDeps, homeTenant: string): Importer {
  const { registry, clock, log } = deps;
  /** Secrets of devices that were made: shown once, never stored. */
  const secrets = new Map<string, Map<number, string>>();
  let busy = false;
  let stopping = false;
  let running: Promise<void> = Promise.resolve();

  async function begin(tenant: string, { kind, bytes, dryRun }: ImportFile): Promise<Import> {
    if (busy) throw new RondeError('RATE_EXCEEDED', 'another import is under way; GET /v1/imports shows how far it is');
    busy = true;
    let thread: Thread<ImportThread> | undefined;
    try {
      thread = await openThread<ImportThread>(new URL('./worker.ts', import.meta.url), { kind, bytes });
      const { total, warnings } = await thread.call.about();
      const id = newId('imp', clock.nowMs());
      const counts = { handled: 0, created: 0, updated: 0, unchanged: 0, refused: 0 };
      const started: Import = { id, kind, status: 'running', dryRun, startedAt: clock.iso(), total, ...counts };
      if (warnings.length > 0) started.warnings = warnings;
      await registry.imports.put(tenant, started);
      running = run(tenant, started, thread).finally(() => (busy = false));
      return started;
    } catch (error) {
      busy = false;
      await thread?.close();
      throw error;
    }
  }

  async function run(tenant: string, started: Import, thread: Thread<ImportThread>): Promise<void> {
    let state = started;
    const begunAt = performance.now();
    try {
      const kind = kindOf(deps, tenant, state);
      while (!stopping) {
        const drafts = await thread.call.next(BATCH);
        if (drafts.length === 0) break;
        const planned = await kind.plan(drafts);
        await step(tenant, state, kind, planned);
        state = counted(state, planned);
        await registry.imports.put(tenant, state);
      }
      const fault = stopping ? { fault: 'the platform was stopped meanwhile; send the file again' } : {};
      state = { ...state, ...fault, status: stopping ? 'failed' : 'done', finishedAt: clock.iso() };
    } catch (error) {
      log.error({ err: error, import_id: state.id }, 'api.import.fail');
      const fault = error instanceof Error ? error.message : String(error);
      state = { ...state, status: 'failed', fault, finishedAt: clock.iso() };
    }
    await thread.close();
    const { id, created, updated, unchanged, refused, dryRun, status } = state;
    const tookMs = Math.round(performance.now() - begunAt);
    log.info(
      { import_id: id, status, dry_run: dryRun, created, updated, unchanged, refused, took_ms: tookMs },
      'api.import.end',
    );
    await registry.imports.put(tenant, state).catch((error: unknown) => log.error({ err: error }, 'api.import.fail'));
    await dropOld(tenant).catch((error: unknown) => log.warn({ err: error }, 'api.import.drop'));
  }

  async function step(tenant: string, { id, dryRun }: Import, kind: ImportKind, planned: Planned[]): Promise<void> {
    const note = (): Promise<void> =>
      registry.importRows.putAll(
        tenant,
        planned.map((one) => recordOf(id, one)),
      );
    // what will be done first, then the doing: a row that was done and not noted could not be taken back
    await note();
    if (dryRun) return;
    const before = planned.map(({ outcome }) => outcome).join();
    await kind.store(planned);
    if (planned.some(({ keys }) => keys) || planned.map(({ outcome }) => outcome).join() !== before) await note();
    for (const { row, secret, outcome } of planned) {
      if (secret === undefined || outcome !== 'created') continue;
      const shown = secrets.get(id) ?? new Map<number, string>();
      secrets.set(id, shown.set(row, secret));
    }
  }

  /** Rows and secrets of old imports go, so that neither grows without end. */
  async function dropOld(tenant: string): Promise<void> {
    const { items } = await registry.imports.list(tenant, { limit: KEPT + 10, descending: true });
    const kept = new Set(items.slice(0, KEPT).map(({ id }) => id));
    for (const id of secrets.keys()) if (!kept.has(id)) secrets.delete(id);
    for (const { id } of items.slice(KEPT)) {
      const rows = await registry.importRows.all(tenant, { importId: id });
      await Promise.all(rows.map((row) => registry.importRows.delete(tenant, row.id)));
      await registry.imports.delete(tenant, id);
    }
  }

  async function rows(tenant: string, id: string, query: RowQuery): Promise<Page<ImportRow>> {
    const { limit, cursor, outcome } = query;
    found(await registry.imports.get(tenant, id), 'import', id);
    const where = { importId: id, ...(outcome !== undefined && { outcome }) };
    const page = await registry.importRows.list(tenant, { limit, cursor, where });
    const shown = query.secrets ? secrets.get(id) : undefined;
    const items = page.items.map((row): ImportRow => {
      const secret = shown?.get(row.row);
      shown?.delete(row.row);
      return shownRow(row, secret);
    });
    return { items, ...(page.next !== undefined && { next: page.next }) };
  }

  async function undo(tenant: string, id: string): Promise<ImportUndone> {
    const done = found(await registry.imports.get(tenant, id), 'import', id);
    refuse([
      done.dryRun ? faultOf('id', 'was a dry run and changed nothing') : undefined,
      done.status === 'running' ? faultOf('id', 'is still under way', 'wait until it is done') : undefined,
      done.status === 'undone' ? faultOf('id', 'was taken back already') : undefined,
    ]);
    const kind = kindOf(deps, tenant, done);
    const all = await registry.importRows.all(tenant, { importId: id, outcome: ['created', 'updated'] });
    const result: ImportUndone = { id, removed: 0, restored: 0, kept: [] };
    const latestFirst = all.toReversed();
    for (let from = 0; from < latestFirst.length; from += BATCH) {
      const { removed, restored, kept } = await kind.undo(latestFirst.slice(from, from + BATCH));
      result.removed += removed;
      result.restored += restored;
      result.kept.push(...kept);
    }
    await registry.imports.put(tenant, { ...done, status: 'undone' });
    secrets.delete(id);
    log.info(
      { import_id: id, removed: result.removed, restored: result.restored, kept: result.kept.length },
      'api.import.undo',
    );
    return result;
  }

  return {
    begin,
    rows,
    undo,
    async start() {
      const left = (await registry.imports.list(homeTenant, { limit: KEPT, descending: true })).items;
      const fault = 'the platform was stopped meanwhile; send the file again, or take it back';
      for (const one of left.filter(({ status }) => status === 'running'))
        await registry.imports.put(homeTenant, { ...one, status: 'failed', fault, finishedAt: clock.iso() });
    },
    async stop() {
      stopping = true;
      await running;
    },
  };
}

function kindOf(deps: ApiDeps, tenant: string, { kind, id }: Import): ImportKind {
  if (kind === 'devices') return createDeviceImport(deps, tenant);
  return kind === 'assets' ? createAssetImport(deps, tenant) : createReadingImport(deps, tenant, id);
}

function counted(state: Import, planned: readonly Planned[]): Import {
  const next = { ...state, handled: state.handled + planned.length };
  for (const { outcome } of planned) next[outcome] += 1;
  return next;
}

function recordOf(importId: string, planned: Planned): ImportRowRecord & { id: string } {
  const { row, id, outcome, errors, warnings, document, before, keys } = planned;
  return {
    id: `${importId}-${String(row).padStart(6, '0')}`,
    importId,
    row,
    outcome,
    errors,
    documentId: document?.id ?? id,
    ...(warnings.length > 0 && { warnings }),
    ...(document && { after: digestOf(document) }),
    ...(before && { before }),
    ...(keys && { keys }),
  };
}

function shownRow(record: ImportRowRecord, secret: string | undefined): ImportRow {
  const { row, documentId, outcome, errors, warnings } = record;
  return {
    row,
    ...(documentId !== undefined && { id: documentId }),
    outcome,
    errors,
    ...(warnings && { warnings }),
    ...(secret !== undefined && { secret }),
  };
}
