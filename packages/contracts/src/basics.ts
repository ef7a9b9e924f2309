import { z } from 'zod';
import { QUANTITY_NAMES } from './quantities.ts';
import { UCUM_CODES } from './units.ts';

/** Identifier grammar of every resource; device ids are unique over all tenants. */
export const Id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'an id is 1 to 64 letters, digits, "-" or "_" and starts with a letter or digit',
  );
export type Id = z.infer<typeof Id>;

/** RFC 3339 time; any offset in, UTC out. */
export const Instant = z.iso.datetime({ offset: true });
export type Instant = z.infer<typeof Instant>;

/** Hexadecimal EUI-64 of a LoRaWAN device; labels print it in upper case, everything here keeps it in lower case. */
export const DevEui = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{16}$/, 'a devEUI is 16 hexadecimal digits');

/** A position on WGS 84, degrees. */
export const LatLon = z.object({ lat: z.number().min(-90).max(90), lon: z.number().min(-180).max(180) });
export type LatLon = z.infer<typeof LatLon>;

/** GeoJSON point (RFC 7946): [longitude, latitude]. */
export const PointGeometry = z.object({
  type: z.literal('Point'),
  coordinates: z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)]),
});
export type PointGeometry = z.infer<typeof PointGeometry>;

/** Gives a GeoJSON point as {lat, lon}. */
export function toLatLon(point: PointGeometry): LatLon {
  return { lat: point.coordinates[1], lon: point.coordinates[0] };
}

/** Gives {lat, lon} as a GeoJSON point. */
export function toPoint({ lat, lon }: LatLon): PointGeometry {
  return { type: 'Point', coordinates: [lon, lat] };
}

export const QuantityName = z.enum(QUANTITY_NAMES);
export const Unit = z.enum(UCUM_CODES);

/** ok: trust it. suspect: keep, show, use with care. invalid: keep, never in state. censored: at the end of the scale. */
export const Quality = z.enum(['ok', 'suspect', 'invalid', 'censored']);
export type Quality = z.infer<typeof Quality>;

/** Waste fractions with their usual Dutch containers. */
export const Fraction = z.enum(['residual', 'paper', 'glass', 'plastic', 'organic', 'textile', 'litter']);
export type Fraction = z.infer<typeof Fraction>;

/** Lists are pages: `next` is the cursor of the following page, absent on the last. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() });
}
export interface Page<T> {
  items: T[];
  next?: string;
}
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(400).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** RFC 9457 problem details, with every faulty field named. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  remedy: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string(), remedy: z.string().optional() })).optional(),
});
export type Problem = z.infer<typeof Problem>;
