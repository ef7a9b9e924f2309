import { QUANTITY_NAMES, type Import } from '@ronde/contracts';
import type { CellKind } from './cells.ts';

/** A field that a column may give, under its name in the API (dotted) or one of the names people use. */
export interface Column {
  path: string;
  kind: CellKind;
  aliases?: readonly string[];
}

const DEVICE_COLUMNS: readonly Column[] = [
  { path: 'id', kind: 'text', aliases: ['device', 'device id'] },
  { path: 'typeId', kind: 'text', aliases: ['type', 'sensor type', 'device type', 'model'] },
  { path: 'name', kind: 'text', aliases: ['naam', 'label'] },
  { path: 'status', kind: 'lower' },
  { path: 'externalIds.devEui', kind: 'hex', aliases: ['devEUI', 'eui', 'device eui'] },
  { path: 'externalIds.imei', kind: 'digits', aliases: ['imei'] },
  { path: 'externalIds.networkId', kind: 'text', aliases: ['networkId', 'sigfox id', 'imsi'] },
  { path: 'serialNumber', kind: 'text', aliases: ['serial', 'sn', 'serienummer', 'serial no'] },
  { path: 'joinEui', kind: 'hex', aliases: ['appEUI', 'application eui'] },
  { path: 'integrationId', kind: 'text', aliases: ['integration', 'network'] },
  { path: 'assetId', kind: 'text', aliases: ['asset', 'container', 'container id', 'bin'] },
  { path: 'chamber', kind: 'text', aliases: ['compartment', 'kamer'] },
  { path: 'mounting.emptyDistanceM', kind: 'number', aliases: ['emptyDistanceM', 'empty distance', 'afstand leeg'] },
  { path: 'mounting.fullDistanceM', kind: 'number', aliases: ['fullDistanceM', 'full distance', 'afstand vol'] },
  { path: 'mounting.offsetM', kind: 'number', aliases: ['offsetM', 'offset'] },
  { path: 'mounting.angleDeg', kind: 'number', aliases: ['angleDeg', 'angle', 'hoek'] },
  { path: 'mounting.shape', kind: 'json', aliases: ['shape'] },
  { path: 'expectedIntervalS', kind: 'number', aliases: ['interval'] },
  { path: 'tags', kind: 'list', aliases: ['tag', 'labels'] },
  { path: 'keys.appKey', kind: 'hex', aliases: ['appKey', 'application key'] },
  { path: 'keys.nwkKey', kind: 'hex', aliases: ['nwkKey', 'network key'] },
];

const ASSET_COLUMNS: readonly Column[] = [
  { path: 'id', kind: 'text', aliases: ['asset', 'asset id', 'container', 'container id'] },
  { path: 'kind', kind: 'lower', aliases: ['soort', 'type'] },
  { path: 'name', kind: 'text', aliases: ['naam'] },
  { path: 'lat', kind: 'number', aliases: ['latitude', 'breedtegraad'] },
  { path: 'lon', kind: 'number', aliases: ['longitude', 'lng', 'lengtegraad'] },
  { path: 'geometry', kind: 'json' },
  { path: 'chambers', kind: 'json' },
  { path: 'fraction', kind: 'lower', aliases: ['fractie', 'waste'] },
  { path: 'volumeL', kind: 'number', aliases: ['volume', 'liter', 'inhoud'] },
  { path: 'areaId', kind: 'text', aliases: ['area', 'wijk'] },
  { path: 'address', kind: 'text', aliases: ['adres'] },
  { path: 'accessNote', kind: 'text', aliases: ['note', 'opmerking'] },
  { path: 'liftType', kind: 'lower', aliases: ['lift'] },
  { path: 'serviceTimeS', kind: 'number', aliases: ['service time'] },
  { path: 'timeWindows', kind: 'json' },
  { path: 'maxDwellDays', kind: 'number', aliases: ['dwell', 'max dagen'] },
  { path: 'needs', kind: 'list', aliases: ['skills', 'eisen'] },
  { path: 'craneReachM', kind: 'number', aliases: ['reach', 'reikwijdte'] },
  { path: 'liftWeightKg', kind: 'number', aliases: ['lift weight', 'hefgewicht'] },
];

const READING_COLUMNS: readonly Column[] = [
  { path: 'deviceId', kind: 'text', aliases: ['device', 'container id', 'id'] },
  { path: 'at', kind: 'instant', aliases: ['time', 'timestamp', 'tijd', 'datum'] },
  { path: 'chamber', kind: 'text' },
  { path: 'quantity', kind: 'text', aliases: ['grootheid'] },
  { path: 'value', kind: 'number', aliases: ['waarde'] },
  { path: 'unit', kind: 'text', aliases: ['eenheid'] },
  { path: 'percent', kind: 'number', aliases: ['procent'] },
  // a column may also bear the name of a quantity
  ...QUANTITY_NAMES.map((name): Column => ({ path: `values.${name}`, kind: 'number', aliases: [name] })),
];

export const COLUMNS: Record<Import['kind'], readonly Column[]> = {
  devices: DEVICE_COLUMNS,
  assets: ASSET_COLUMNS,
  readings: READING_COLUMNS,
};

/** What exports show besides and nobody writes: passed over without a word. */
const SHOWN_ONLY = new Set(
  [
    'createdAt',
    'hasKeys',
    'fill',
    'at',
    'quality',
    'silent',
    'secret',
    'receivedAt',
    'assetId',
    'flags',
    'typeVersion',
  ].map(plain),
);

export interface HeaderMatch {
  /** For each column of the file, in its order: the field, or nothing known. */
  columns: (Column | undefined)[];
  faults: string[];
  warnings: string[];
}

/** Finds which field each heading means; letter case, spaces and punctuation do not count. */
export function matchHeader(kind: Import['kind'], headings: readonly string[]): HeaderMatch {
  const byName = new Map<string, Column>();
  for (const column of COLUMNS[kind])
    for (const name of [column.path, ...(column.aliases ?? [])])
      if (!byName.has(plain(name))) byName.set(plain(name), column);
  const columns = headings.map((heading) => byName.get(plain(heading)));
  const faults: string[] = [];
  const paths = columns.flatMap((column) => column?.path ?? []);
  const twice = [...new Set(paths.filter((path, index) => paths.indexOf(path) !== index))];
  for (const path of twice) faults.push(`two columns mean "${path}"; take one away`);
  if (paths.length === 0) {
    const known = COLUMNS[kind].slice(0, 21).map(({ path }) => path);
    faults.push(`no heading has a known name; the first row is to name the columns, such as ${known.join(', ')}`);
  }
  const unknown = headings.filter(
    (heading, index) => heading !== '' && !columns[index] && !SHOWN_ONLY.has(plain(heading)),
  );
  const warnings = unknown.length > 0 ? [`passed over, since no field has this name: ${unknown.join(', ')}`] : [];
  return { columns, faults, warnings };
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
