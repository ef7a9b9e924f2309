import { isRondeError, type ImportRowRecord, type RegistryKind } from '@ronde/contracts';
import type { Collection } from '@ronde/registry';
import type { ApiDeps } from '../deps.ts';
import { announceAll } from '../routes/context.ts';
import { digestOf } from './digest.ts';
import type { ImportKind, Planned, UndoneBatch } from './kind.ts';

export interface DocumentImportParts<T extends { id: string }> {
  deps: Pick<ApiDeps, 'bus'>;
  tenant: string;
  collection: Collection<T>;
  kind: RegistryKind;
  plan: ImportKind['plan'];
  /** Why a document that a row made must stay although nobody changed it. */
  heldBy?: (ids: string[]) => Promise<Map<string, string>>;
}

/** Makes an import of documents that the registry keeps: assets, devices. */
export function createDocumentImport<T extends { id: string }>(parts: DocumentImportParts<T>): ImportKind {
  const { deps, tenant, collection, kind } = parts;
  return {
    plan: parts.plan,
    async store(planned) {
      const wanted = planned.filter(({ document }) => document !== undefined);
      try {
        await collection.putAll(tenant, documentsOf<T>(wanted));
      } catch (error) {
        if (!isRondeError(error, 'RESOURCE_EXISTS')) throw error;
        // one of them has a name that belongs to another tenant's: alone, each gets its own answer
        for (const one of wanted) await storeOne(collection, tenant, one);
      }
      const done = wanted.filter(({ outcome }) => outcome !== 'refused');
      await announceAll(deps, tenant, { kind, ids: done.map(({ document }) => document!.id) });
    },
    async undo(rows) {
      const ids = rows.flatMap(({ documentId }) => documentId ?? []);
      const now = new Map((await collection.all(tenant, { id: ids })).map((document) => [document.id, document]));
      const held = (await parts.heldBy?.(ids)) ?? new Map<string, string>();
      const { gone, back, kept } = sortOut<T>(rows, now, held);
      await Promise.all(gone.map((id) => collection.delete(tenant, id)));
      await collection.putAll(tenant, back);
      await announceAll(deps, tenant, { kind, ids: gone, deleted: true });
      await announceAll(deps, tenant, { kind, ids: back.map(({ id }) => id) });
      return { removed: gone.length, restored: back.length, kept };
    },
  };
}

async function storeOne<T extends { id: string }>(
  collection: Collection<T>,
  tenant: string,
  planned: Planned,
): Promise<void> {
  try {
    await collection.putAll(tenant, documentsOf<T>([planned]));
  } catch (error) {
    if (!isRondeError(error, 'RESOURCE_EXISTS')) throw error;
    planned.outcome = 'refused';
    planned.errors.push({ field: 'id', message: 'the id, or a name in a network, is taken elsewhere' });
    delete planned.document;
  }
}

function documentsOf<T>(planned: readonly Planned[]): T[] {
  return planned.map(({ document }) => document as unknown as T);
}

function sortOut<T extends { id: string }>(
  rows: readonly ImportRowRecord[],
  now: ReadonlyMap<string, T>,
  held: ReadonlyMap<string, string>,
): { gone: string[]; back: T[]; kept: UndoneBatch['kept'] } {
  const gone: string[] = [];
  const back: T[] = [];
  const kept: UndoneBatch['kept'] = [];
  for (const { row, documentId: id = '', before, after } of rows) {
    const current = now.get(id);
    const reason = current && held.get(id);
    if (!current) kept.push({ row, id, reason: 'it was removed since' });
    else if (digestOf(current) !== after) kept.push({ row, id, reason: 'it was changed since' });
    else if (before !== undefined) back.push(before as T);
    else if (reason !== undefined) kept.push({ row, id, reason });
    else gone.push(id);
  }
  return { gone, back, kept };
}
