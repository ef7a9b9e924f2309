/** What an adapter must know of one kind of document. */
export interface KindSpec {
  /** Indexed fields, usable in `where`, with their JSON path. */
  fields: Record<string, string>;
  /** What an indexed field is taken to hold where a document has none: one value when `present` is there, another when not. */
  fallbacks?: Record<string, { present: string; then: string; otherwise: string }>;
  /** Fields, or `id`, that may occur once over all tenants. */
  unique?: readonly string[];
  /** Kinds that grow without end are read newest first: their indexes follow insertion, the others follow the id. */
  newestFirst?: boolean;
}

/** The one table of kinds: a new kind or indexed field is one line here; adapters bring their schema up to it when they open. */
export const KINDS = {
  areas: { fields: {} },
  assets: { fields: { areaId: '$.areaId', kind: '$.kind' } },
  devices: {
    fields: {
      assetId: '$.assetId',
      typeId: '$.typeId',
      status: '$.status',
      integrationId: '$.integrationId',
      devEui: '$.externalIds.devEui',
      imei: '$.externalIds.imei',
      networkId: '$.externalIds.networkId',
    },
    // documents of before statuses were kept, and all that are put without one; see contracts `statusOf`
    fallbacks: { status: { present: '$.assetId', then: 'installed', otherwise: 'in-stock' } },
    unique: ['id', 'devEui', 'imei', 'networkId'],
  },
  integrations: { fields: {}, unique: ['id'] },
  tokens: { fields: { secretHash: '$.secretHash' }, unique: ['secretHash'] },
  depots: { fields: {} },
  disposalSites: { fields: {} },
  vehicles: { fields: {} },
  crews: { fields: {} },
  calendars: { fields: {} },
  plans: { fields: {}, newestFirst: true },
  rounds: {
    fields: { planId: '$.planId', crewId: '$.crewId', vehicleId: '$.vehicleId', status: '$.status' },
    newestFirst: true,
  },
  roundVersions: { fields: { roundId: '$.roundId' }, newestFirst: true },
  /** How plans were found; what they rest on is large and kept apart, for as long as there is room. */
  planRecords: { fields: {} },
  planFiles: { fields: {} },
  roundViews: { fields: {}, newestFirst: true },
  roadClosures: { fields: {} },
  stopLearnings: { fields: {} },
  crewEvents: { fields: { roundId: '$.roundId', assetId: '$.assetId' }, newestFirst: true },
  incidents: { fields: { status: '$.status', assetId: '$.assetId', kind: '$.kind' }, newestFirst: true },
  unknownDevices: { fields: { source: '$.source' } },
  downlinks: { fields: { deviceId: '$.deviceId', status: '$.status' }, newestFirst: true },
  deviceHealth: { fields: { status: '$.status' } },
  deviceMemories: { fields: {} },
  installTests: { fields: { deviceId: '$.deviceId', status: '$.status' }, newestFirst: true },
  imports: { fields: { kind: '$.kind' }, newestFirst: true },
  importRows: { fields: { importId: '$.importId', outcome: '$.outcome' } },
  typeVersions: { fields: { typeId: '$.typeId', status: '$.status' } },
  replays: { fields: { status: '$.status' }, newestFirst: true },
  replayDifferences: { fields: { replayId: '$.replayId' } },
  erasures: { fields: {} },
  ingestWorkers: { fields: {} },
  leases: { fields: { name: '$.name' }, newestFirst: true },
  deadLetters: {
    fields: { status: '$.status', code: '$.code', deviceId: '$.deviceId', unknownDeviceId: '$.unknownDeviceId' },
    newestFirst: true,
  },
} as const satisfies Record<string, KindSpec>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as Kind[];

/** Gives a kind's specification. */
export function kindOf(kind: Kind): KindSpec {
  return KINDS[kind];
}
