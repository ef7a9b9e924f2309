import { flux, fluxDateTime, fluxDuration, toFluxValue, type ParameterizedQuery } from '@influxdata/influxdb-client';
import { MEASUREMENTS } from './point.ts';

/*
 * Every query of the product, put together from templates whose parameters the client escapes: no text of a user ever
 * becomes Flux. Filters stand directly behind the range, where InfluxDB answers them from its index.
 */

export interface Tags {
  tenant: string;
  assetIds?: readonly string[] | undefined;
  deviceIds?: readonly string[] | undefined;
  chamber?: string | undefined;
  quantity?: string | undefined;
}
export interface Span {
  fromMs: number;
  toMs: number;
}

// nanoseconds of 64 bits end in 2262
const LATEST_MS = 9_223_372_036_854;
/** Longer lists are left to the caller: a predicate is compared entry by entry. */
export const MOST_IDS = 64;

type Part = ReturnType<typeof toFluxValue> | ParameterizedQuery;

function range({ fromMs, toMs }: Span): ParameterizedQuery {
  const at = (ms: number) => fluxDateTime(new Date(Math.min(Math.max(ms, 0), LATEST_MS)).toISOString());
  return flux`range(start: ${at(fromMs)}, stop: ${at(toMs)})`;
}

function any(column: 'asset' | 'device', ids: readonly string[] | undefined): ParameterizedQuery | undefined {
  if (!ids || ids.length > MOST_IDS) return undefined;
  if (ids.length === 0) return flux`false`;
  const one = (id: string) => (column === 'asset' ? flux`r.asset == ${id}` : flux`r.device == ${id}`);
  return ids.slice(1).reduce<ParameterizedQuery>((all, id) => flux`${all} or ${one(id)}`, one(ids[0]!));
}

function where(tags: Tags): ParameterizedQuery {
  const parts = [
    any('asset', tags.assetIds),
    any('device', tags.deviceIds),
    tags.chamber === undefined ? undefined : flux`r.chamber == ${tags.chamber}`,
    tags.quantity === undefined ? undefined : flux`r.quantity == ${tags.quantity}`,
  ];
  const all = parts.reduce<ParameterizedQuery>(
    (text, part) => (part ? flux`${text} and (${part})` : text),
    flux`r.tenant == ${tags.tenant}`,
  );
  return flux`filter(fn: (r) => ${all})`;
}

const ANY_READING = flux`filter(fn: (r) => r._measurement == ${MEASUREMENTS.valid} or r._measurement == ${MEASUREMENTS.unfit})`;
const VALID = flux`filter(fn: (r) => r._measurement == ${MEASUREMENTS.valid})`;
/** Every point has this field, so that it stands for the point where nothing else is asked. */
const ONCE = flux`filter(fn: (r) => r._field == "quality")`;
const VALUES = flux`filter(fn: (r) => r._field == "value")`;
const SIDE_BY_SIDE = flux`pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`;
const KEY_COLUMNS = flux`keep(columns: ["_time", "tenant", "asset", "device", "chamber", "quantity"])`;

/** The oldest and the newest time of each series in a span. */
export function edges(bucket: string, tags: Tags, span: Span): ParameterizedQuery {
  const one = (pick: ParameterizedQuery, name: string): ParameterizedQuery =>
    flux`data |> ${pick} |> keep(columns: ["_time"]) |> yield(name: ${name})`;
  return flux`data = from(bucket: ${bucket}) |> ${range(span)} |> ${ANY_READING} |> ${where(tags)} |> ${ONCE}
${one(flux`first()`, 'first')}
${one(flux`last()`, 'last')}`;
}

/** Points of a span with their fields side by side, at most `limit` of each series. */
export function points(
  bucket: string,
  tags: Tags,
  { limit, descending, ...span }: Span & { limit: number; descending: boolean },
): ParameterizedQuery {
  const first = descending
    ? flux`sort(columns: ["_time"], desc: true) |> limit(n: ${limit})`
    : flux`limit(n: ${limit})`;
  return flux`from(bucket: ${bucket}) |> ${range(span)} |> ${ANY_READING} |> ${where(tags)} |> ${first} |> ${SIDE_BY_SIDE}`;
}

/** The newest valid point of each series. */
export function newestPoints(bucket: string, tags: Tags): ParameterizedQuery {
  return flux`from(bucket: ${bucket}) |> ${range(ALL_TIME)} |> ${VALID} |> ${where(tags)} |> last() |> ${SIDE_BY_SIDE}`;
}

/** The newest time of each series of all tenants, valid or not. */
export function newestTimes(bucket: string): ParameterizedQuery {
  return flux`from(bucket: ${bucket}) |> ${range(ALL_TIME)} |> ${ANY_READING} |> ${ONCE} |> last() |> ${KEY_COLUMNS}`;
}

/** Identities that are stored in a span. */
export function identities(bucket: string, tags: Tags, span: Span): ParameterizedQuery {
  return flux`from(bucket: ${bucket}) |> ${range(span)} |> ${ANY_READING} |> ${where(tags)} |> ${ONCE} |> ${KEY_COLUMNS}`;
}

/** How many readings there are in a span; of one tenant, or of all. */
export function count(bucket: string, span: Span, tenant?: string): ParameterizedQuery {
  const of = tenant === undefined ? flux`` : flux` |> ${where({ tenant })}`;
  return flux`from(bucket: ${bucket}) |> ${range(span)} |> ${ANY_READING}${of} |> ${ONCE} |> count() |> group() |> sum()`;
}

const STEP = { '1h': fluxDuration('1h'), '1d': fluxDuration('1d') };

/** Minimum, maximum, sum and count of each series and step, worked out from readings. */
export function steps(
  bucket: string,
  tags: Tags,
  { step, ...span }: Span & { step: keyof typeof STEP },
): ParameterizedQuery {
  const data = flux`data = from(bucket: ${bucket}) |> ${range(span)} |> ${VALID} |> ${where(tags)} |> ${VALUES}`;
  const one = (fn: Part, name: string): ParameterizedQuery =>
    flux`data |> aggregateWindow(every: ${STEP[step]}, fn: ${fn}, createEmpty: false, timeSrc: "_start") |> map(fn: (r) => ({_time: r._time, _value: float(v: r._value)})) |> yield(name: ${name})`;
  return flux`${data}
${one(flux`min`, 'min')}
${one(flux`max`, 'max')}
${one(flux`sum`, 'sum')}
${one(flux`count`, 'count')}`;
}

/** What a task wrote into a bucket of hours or days: one row a step and series. */
export function keptSteps(bucket: string, tags: Tags, span: Span): ParameterizedQuery {
  return flux`from(bucket: ${bucket}) |> ${range(span)} |> ${VALID} |> ${where(tags)} |> ${SIDE_BY_SIDE} |> keep(columns: ["_time", "min", "max", "sum", "count"])`;
}

export const ALL_TIME: Span = { fromMs: 0, toMs: LATEST_MS };
