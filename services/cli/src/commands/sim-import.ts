import { setTimeout as sleep } from 'node:timers/promises';
import type { AssetInput, DeviceInput, Import, ImportRow, Page } from '@ronde/contracts';
import { callApi, callJson, type ApiFlags } from '../api-client.ts';
import { EXIT, Exit } from '../exit.ts';

/** Rows in one file: what the API takes. */
const ROWS = 50_000;
const LOOK_MS = 200;
const BUSY = 429;
const PAGE = 1_000;
const MOST_TOLD = 5;

/** Registers assets, and then devices in them, with as few files as possible. @returns secrets of the devices it created */
export async function importPlaces(
  api: ApiFlags,
  { assets, devices }: { assets: AssetInput[]; devices: DeviceInput[] },
): Promise<Record<string, string>> {
  for (const rows of chunksOf(assets)) await importFile(api, 'asset-imports', csvOf(ASSET_COLUMNS, rows));
  const secrets: Record<string, string> = {};
  for (const rows of chunksOf(devices)) {
    const id = await importFile(api, 'device-imports', csvOf(DEVICE_COLUMNS, rows));
    for await (const { id: deviceId, secret } of rowsOf(api, id, 'created'))
      if (deviceId !== undefined && secret !== undefined) secrets[deviceId] = secret;
  }
  return secrets;
}

type Columns<T> = Record<string, (item: T) => unknown>;

const ASSET_COLUMNS: Columns<AssetInput> = {
  id: ({ id }) => id,
  kind: ({ kind }) => kind,
  name: ({ name }) => name,
  geometry: ({ geometry }) => geometry,
  chambers: ({ chambers }) => chambers,
  liftType: ({ liftType }) => liftType,
  serviceTimeS: ({ serviceTimeS }) => serviceTimeS,
};
const DEVICE_COLUMNS: Columns<DeviceInput> = {
  id: ({ id }) => id,
  typeId: ({ typeId }) => typeId,
  'externalIds.devEui': ({ externalIds }) => externalIds?.devEui,
  'externalIds.imei': ({ externalIds }) => externalIds?.imei,
  'externalIds.networkId': ({ externalIds }) => externalIds?.networkId,
  assetId: ({ assetId }) => assetId,
  chamber: ({ chamber }) => chamber,
  'mounting.emptyDistanceM': ({ mounting }) => mounting?.emptyDistanceM,
  'mounting.fullDistanceM': ({ mounting }) => mounting?.fullDistanceM,
};

function csvOf<T>(columns: Columns<T>, items: T[]): string {
  const lines = items.map((item) => Object.values(columns).map((of) => cellOf(of(item))));
  return [Object.keys(columns), ...lines].map((cells) => cells.join(',')).join('\n');
}

function cellOf(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function chunksOf<T>(items: T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / ROWS) }, (_, index) =>
    items.slice(index * ROWS, (index + 1) * ROWS),
  );
}

/** Sends a file and waits until every row is in. */
async function importFile(api: ApiFlags, path: string, csv: string): Promise<string> {
  const { id } = await begin(api, path, csv);
  for (let told = 0; ;) {
    const state = await callJson<Import>(api, `/v1/imports/${id}`);
    if (state.status === 'failed') throw new Exit(EXIT.MISMATCH, `${path}: ${state.fault ?? 'failed'}`);
    if (state.status !== 'running') {
      if (state.refused > 0) throw new Exit(EXIT.MISMATCH, await refusals(api, state));
      return id;
    }
    if (state.handled >= told + 10_000) {
      told = state.handled;
      process.stderr.write(`registered ${state.handled} of ${state.total} ${state.kind}\n`);
    }
    await sleep(LOOK_MS);
  }
}

/** One import runs at a time: another one's end is waited for. */
async function begin(api: ApiFlags, path: string, csv: string): Promise<Import> {
  const headers = { 'content-type': 'text/csv' };
  for (;;) {
    const body = Buffer.from(csv);
    const answer = await callApi(api, `/v1/${path}`, { method: 'POST', body, headers, expected: [BUSY] });
    if (answer.status !== BUSY) return (await answer.json()) as Import;
    await sleep(LOOK_MS);
  }
}

async function refusals(api: ApiFlags, { id, refused, kind }: Import): Promise<string> {
  const told: string[] = [];
  for await (const { id: rowId, errors } of rowsOf(api, id, 'refused')) {
    told.push(`${rowId}: ${errors.map(({ field, message }) => `${field} ${message}`).join('; ')}`);
    if (told.length === MOST_TOLD) break;
  }
  return `${refused} ${kind} were refused:\n${told.join('\n')}`;
}

async function* rowsOf(api: ApiFlags, id: string, outcome: ImportRow['outcome']): AsyncGenerator<ImportRow> {
  const path = `/v1/imports/${id}/rows?outcome=${outcome}&limit=${PAGE}`;
  for (let cursor: string | null | undefined = ''; cursor !== undefined && cursor !== null;) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<ImportRow> = await callJson<Page<ImportRow>>(api, `${path}${more}`);
    yield* page.items;
    cursor = page.next;
  }
}
