import { AssetInput } from '@ronde/contracts';
import type { ApiDeps } from '../deps.ts';
import { assetFaults } from '../routes/assets.ts';
import { digestOf } from './digest.ts';
import { createDocumentImport } from './document-import.ts';
import { mapInSteps } from './in-steps.ts';
import { refusedRow, type ImportKind, type Planned } from './kind.ts';
import type { RowDraft } from './read-rows.ts';
import { errorsOfFaults, errorsOfIssues } from './row-errors.ts';

/** Makes an import of assets; `lat` and `lon` stand for the geometry, `fraction` and `volumeL` for a single chamber. */
export function createAssetImport(deps: ApiDeps, tenant: string): ImportKind {
  const { assets, areas, devices } = deps.registry;
  const plan = async (drafts: readonly RowDraft[]): Promise<Planned[]> => {
    const ids = drafts.flatMap(({ value }) => (typeof value['id'] === 'string' ? [value['id']] : []));
    const current = new Map((await assets.all(tenant, { id: ids })).map((asset) => [asset.id, asset]));
    const areaIds = new Set((await areas.all(tenant)).map(({ id }) => id));
    return mapInSteps(drafts, (draft) => {
      const id = draft.value['id'] as string | undefined;
      return planRow(draft, id === undefined ? undefined : current.get(id), areaIds);
    });
  };
  const heldBy = async (ids: string[]): Promise<Map<string, string>> => {
    const hanging = Map.groupBy(await devices.all(tenant, { assetId: ids }), ({ assetId }) => assetId ?? '');
    return new Map([...hanging].map(([id, all]) => [id, `${all.length} device(s) hang on it`]));
  };
  return createDocumentImport<AssetInput>({ deps, tenant, collection: assets, kind: 'asset', plan, heldBy });
}

function planRow(draft: RowDraft, current: AssetInput | undefined, areaIds: ReadonlySet<string>): Planned {
  const id = draft.value['id'] as string | undefined;
  const merged = { ...current, ...ownFields(draft.value, current) };
  const parsed = AssetInput.safeParse(merged);
  if (draft.errors.length > 0 || !parsed.success) {
    const known = new Set(draft.errors.map(({ field }) => field));
    const more = parsed.success ? [] : errorsOfIssues(parsed.error, merged).filter(({ field }) => !known.has(field));
    return refusedRow(draft, id, more);
  }
  const asset = parsed.data;
  const faults = assetFaults(asset, (areaId) => areaIds.has(areaId));
  if (faults.length > 0) return refusedRow(draft, id, errorsOfFaults(faults));
  if (current && digestOf(current) === digestOf(asset))
    return { row: draft.row, id, outcome: 'unchanged', errors: [], warnings: [] };
  const outcome = current ? 'updated' : 'created';
  return { row: draft.row, id, outcome, errors: [], warnings: [], document: asset, before: current };
}

function ownFields(value: Record<string, unknown>, current: AssetInput | undefined): Record<string, unknown> {
  const { lat, lon, fraction, volumeL, ...fields } = value;
  const [lonBefore, latBefore] = current?.geometry.coordinates ?? [];
  if (lat !== undefined || lon !== undefined)
    fields['geometry'] = { type: 'Point', coordinates: [lon ?? lonBefore, lat ?? latBefore] };
  if (fields['chambers'] === undefined && (fraction !== undefined || volumeL !== undefined)) {
    const [first = { id: '1' }, ...others] = current?.chambers ?? [];
    const said = { ...(fraction !== undefined && { fraction }), ...(volumeL !== undefined && { volumeL }) };
    fields['chambers'] = [{ ...first, ...said }, ...others];
  }
  // people know a bin by its address; a name of its own is a nicety
  if (fields['name'] === undefined && !current) fields['name'] = fields['address'] ?? fields['id'];
  return fields;
}
