import { z } from 'zod';
import { Fraction, Id, Instant } from './basics.ts';
import type { Fault } from './errors.ts';
import type { Source } from './integration.ts';

const MOST_ENTRIES = 500;

/** Deposits counted by an access system since its last message: how many, never whose. */
export const Deposits = z.strictObject({
  deviceId: Id,
  at: Instant,
  count: z.number().int().min(0).max(100_000),
  chamber: Id.optional(),
});
export type Deposits = z.infer<typeof Deposits>;

/** One lift of a container, weighed by the crane. */
export const CraneLift = z.strictObject({
  deviceId: Id,
  at: Instant,
  liftId: Id,
  massKg: z.number().min(0).max(20_000),
  /** The container that was lifted; absent: the asset that the crane's device is mounted on. */
  assetId: Id.optional(),
  fraction: Fraction.optional(),
});
export type CraneLift = z.infer<typeof CraneLift>;

/** A ticket of a weighbridge: net, or gross and tare. */
export const WeighbridgeTicket = z
  .strictObject({
    deviceId: Id,
    at: Instant,
    ticketId: Id,
    netKg: z.number().min(0).max(80_000).optional(),
    grossKg: z.number().min(0).max(80_000).optional(),
    tareKg: z.number().min(0).max(80_000).optional(),
    fraction: Fraction.optional(),
    vehicleId: Id.optional(),
  })
  .refine(({ netKg, grossKg, tareKg }) => netKg !== undefined || (grossKg !== undefined && tareKg !== undefined), {
    message: 'give netKg, or grossKg and tareKg',
    path: ['netKg'],
  });
export type WeighbridgeTicket = z.infer<typeof WeighbridgeTicket>;

const orMany = <T extends z.ZodType>(entry: T) => z.union([entry, z.array(entry).min(1).max(MOST_ENTRIES)]);

/** What each of these inputs takes, one entry or an array of them; nothing else gets past the door. */
export const CITY_INPUTS = {
  deposits: orMany(Deposits),
  crane: orMany(CraneLift),
  weighbridge: orMany(WeighbridgeTicket),
} as const;
export type CityInput = keyof typeof CITY_INPUTS;

export function isCityInput(source: Source): source is CityInput {
  return Object.hasOwn(CITY_INPUTS, source);
}

const REMEDY = 'send only the documented fields: card numbers, names and plates are not kept, so they are not taken';

/**
 * Checks a message of an access system, crane or weighbridge before it is stored: a field that could name a person is a
 * fault, and so is anything else that is not documented. @returns every fault; empty = it may come in
 */
export function doorFaults(source: CityInput, payload: Uint8Array): Fault[] {
  let message: unknown;
  try {
    message = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return [fault('message', 'is not JSON in UTF-8')];
  }
  const isArray = Array.isArray(message);
  const schema = isArray ? CITY_INPUTS[source].options[1] : CITY_INPUTS[source].options[0];
  const read = schema.safeParse(message);
  if (read.success) return [];
  return read.error.issues.flatMap((issue) => {
    const path = issue.path.join('.');
    if (issue.code !== 'unrecognized_keys') return fault(path || 'message', issue.message);
    return issue.keys.map((key) => fault(path === '' ? key : `${path}.${key}`, 'is not taken'));
  });
}

function fault(field: string, message: string): Fault {
  return { field, code: 'INPUT_INVALID', message, remedy: REMEDY };
}
