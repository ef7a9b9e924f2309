import type { Connection } from './connection.ts';
import { MOST_IDS, identities, points, type Span, type Tags } from './flux-queries.ts';
import { fromRow, seriesKey, type Point, type PointRow } from './point.ts';
import type { Reading } from '@ronde/contracts';

/** What names a point: series and time. */
export function identityOf(
  tenant: string,
  r: Pick<Reading, 'deviceId' | 'chamber' | 'quantity'>,
  atMs: number,
): string {
  return `${seriesKey(tenant, r)}\n${atMs}`;
}

type Asked = Pick<Point, 'tenant' | 'atMs'> & { reading: Pick<Reading, 'deviceId' | 'chamber' | 'quantity'> };
interface KeyRow {
  _time: string;
  device: string;
  chamber?: string;
  quantity: Reading['quantity'];
}

// One query per stretch of time and handful of devices: late data of a fleet must not read weeks of all of it.
const STRETCH_MS = 86_400_000;
const QUERIES_AT_ONCE = 4;
const NO_LIMIT = 1_000_000_000;

/** Finds which identities InfluxDB holds. */
export async function findIdentities(connection: Connection, asked: readonly Asked[]): Promise<Set<string>> {
  const found = new Set<string>();
  await eachStretch(asked, async (tenant, tags, span) => {
    for (const row of await connection.query<KeyRow>(identities(connection.bucket, tags, span)))
      found.add(identityOf(tenant, { ...row, deviceId: row.device }, Date.parse(row._time)));
  });
  return found;
}

/** Finds what InfluxDB holds under identities. */
export async function findReadings(connection: Connection, asked: readonly Asked[]): Promise<Map<string, Reading>> {
  const found = new Map<string, Reading>();
  await eachStretch(asked, async (tenant, tags, span) => {
    const query = points(connection.bucket, tags, { ...span, limit: NO_LIMIT, descending: false });
    for (const row of await connection.query<PointRow>(query)) {
      const reading = fromRow(row);
      found.set(identityOf(tenant, reading, Date.parse(reading.at)), reading);
    }
  });
  return found;
}

async function eachStretch(
  asked: readonly Asked[],
  ask: (tenant: string, tags: Tags, span: Span) => Promise<void>,
): Promise<void> {
  const stretches = stretchesOf(asked);
  const worker = async (): Promise<void> => {
    for (let next = stretches.pop(); next; next = stretches.pop()) {
      const tenant = next[0]!.tenant;
      const deviceIds = [...new Set(next.map(({ reading }) => reading.deviceId))];
      await ask(tenant, { tenant, deviceIds }, { fromMs: next[0]!.atMs, toMs: next.at(-1)!.atMs + 1 });
    }
  };
  await Promise.all(Array.from({ length: QUERIES_AT_ONCE }, worker));
}

function stretchesOf(asked: readonly Asked[]): Asked[][] {
  const stretches: Asked[][] = [];
  let devices = new Set<string>();
  for (const one of [...asked].sort((a, b) => a.atMs - b.atMs)) {
    const last = stretches.at(-1);
    devices.add(one.reading.deviceId);
    if (last && one.atMs - last[0]!.atMs < STRETCH_MS && devices.size <= MOST_IDS) last.push(one);
    else {
      stretches.push([one]);
      devices = new Set([one.reading.deviceId]);
    }
  }
  return stretches;
}
