import {
  Instant,
  convertUnit,
  isQuantity,
  mountAt,
  quantityOf,
  unitFromText,
  type DeviceRecord,
  type ImportRow,
  type ImportRowRecord,
  type Quantity,
  type Reading,
} from '@ronde/contracts';
import type { ApiDeps } from '../deps.ts';
import { mapInSteps } from './in-steps.ts';
import { refusedRow, type ImportKind, type Planned } from './kind.ts';
import type { RowDraft } from './read-rows.ts';

/** Readings of a row wait in its plan under this name. */
interface PlannedReadings extends Planned {
  readings?: Reading[];
}

/**
 * Makes an import of readings of registered devices: `deviceId, at, quantity, value`, or columns that bear the names of
 * quantities (`percent` is a fill). They carry HISTORY, and belong to the asset of their own time.
 */
export function createReadingImport(deps: ApiDeps, tenant: string, importId: string): ImportKind {
  const { registry, readings, bus, clock } = deps;
  return {
    async plan(drafts) {
      const ids = [...new Set(drafts.map(({ value }) => String(value['deviceId'] ?? '')))];
      const devices = new Map((await registry.devices.all(tenant, { id: ids })).map((device) => [device.id, device]));
      return mapInSteps(drafts, (draft) => planRow(draft, devices, { receivedAt: clock.iso(), importId }));
    },
    async store(planned: readonly PlannedReadings[]) {
      const all = planned.flatMap((one) => (one.readings ?? []).map((reading) => ({ one, reading })));
      if (all.length === 0) return;
      const { stored } = await readings.append({ tenant, readings: all.map(({ reading }) => reading) });
      const fresh = all.filter((_, index) => stored[index]);
      for (const one of planned) if (one.outcome === 'created') one.outcome = 'unchanged';
      for (const { one, reading } of fresh) {
        one.outcome = 'created';
        (one.keys ??= []).push(keyOf(reading));
      }
      const accepted = fresh.map(({ reading }) => reading).sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
      if (accepted.length > 0) await bus.publish('readings.accepted', { tenant, readings: accepted });
    },
    async undo(rows) {
      const remove = rows.flatMap(({ keys = [], row }) =>
        keys.map((key) => ({ ...key, uplinkId: uplinkIdOf(importId, row) })),
      );
      const { removed } = await readings.correct({ tenant, readings: [], remove });
      const kept = remove.filter((_, index) => !removed[index]);
      return {
        removed: removed.filter(Boolean).length,
        restored: 0,
        kept: kept.map(({ deviceId, uplinkId }) => ({
          row: Number(uplinkId.split('-').at(-1)),
          id: deviceId,
          reason: 'it is not there any more, or another message said the same since',
        })),
      };
    },
  };
}

type Key = NonNullable<ImportRowRecord['keys']>[number];

function keyOf({ deviceId, chamber, quantity, at }: Reading): Key {
  return { deviceId, ...(chamber !== undefined && { chamber }), quantity, at };
}

function uplinkIdOf(importId: string, row: number): string {
  return `${importId}-${row}`;
}

function planRow(
  draft: RowDraft,
  devices: ReadonlyMap<string, DeviceRecord>,
  { receivedAt, importId }: { receivedAt: string; importId: string },
): PlannedReadings {
  const { row, value } = draft;
  const id = value['deviceId'] as string | undefined;
  const errors: ImportRow['errors'] = [];
  const add = (field: string, message: string, remedy: string): void => void errors.push({ field, message, remedy });
  const device = id === undefined ? undefined : devices.get(id);
  if (id === undefined) add('deviceId', 'is missing', 'fill it in, or add its column');
  else if (!device) add('deviceId', `there is no device "${id}"`, 'register it first');
  const at = instantOf(value['at']);
  if (at === undefined) add('at', 'is no time with its offset', 'write it such as 2026-01-05T06:00:00+01:00');
  const values = valuesOf(value, add);
  if (!device || at === undefined || errors.length + draft.errors.length > 0) return refusedRow(draft, id, errors);
  const stay = mountAt(device, Date.parse(at));
  const chamber = (value['chamber'] as string | undefined) ?? stay?.chamber;
  const readings = values.map(({ quantity, amount }): Reading => ({
    at,
    receivedAt,
    deviceId: device.id,
    assetId: stay?.assetId ?? null,
    ...(chamber !== undefined && { chamber }),
    quantity,
    value: amount,
    unit: quantityOf(quantity).unit,
    ...judged(quantity, amount),
    typeVersion: 'import',
    uplinkId: uplinkIdOf(importId, row),
  }));
  return { row, id, outcome: 'created', errors: [], warnings: [], readings };
}

interface Value {
  quantity: Quantity;
  /** In the catalogue's unit. */
  amount: number;
}

function valuesOf(
  row: Record<string, unknown>,
  add: (field: string, message: string, remedy: string) => void,
): Value[] {
  const wide = Object.entries((row['values'] ?? {}) as Record<Quantity, number>).map(([name, amount]): Value => {
    const quantity = name as Quantity;
    return { quantity, amount };
  });
  if (typeof row['percent'] === 'number') wide.push({ quantity: 'fill', amount: row['percent'] / 100 });
  const { quantity, value, unit } = row;
  if (quantity === undefined && value === undefined) {
    if (wide.length === 0) add('value', 'is missing', 'fill in quantity and value, or a column named after a quantity');
    return wide;
  }
  if (typeof quantity !== 'string' || !isQuantity(quantity)) {
    add('quantity', `"${String(quantity ?? '')}" is no quantity`, 'GET /v1/quantities lists them');
    return wide;
  }
  if (typeof value !== 'number') add('value', 'is missing', 'fill it in');
  else {
    const amount = converted(value, quantity, unit);
    if (amount !== undefined) return [...wide, { quantity, amount }];
    add('unit', `"${String(unit)}" does not fit ${quantity}`, `write ${quantityOf(quantity).unit}, or leave it out`);
  }
  return wide;
}

/** Gives a value in the catalogue's unit; undefined when its own is not known, or is of something else. */
function converted(value: number, quantity: Quantity, unit: unknown): number | undefined {
  const own = quantityOf(quantity).unit;
  if (typeof unit !== 'string') return value;
  const told = unitFromText(unit, own);
  return told && convertUnit(value * told.factor, told.code, own);
}

/** Out of the catalogue's range = kept and invalid, as for any message. */
function judged(quantity: Quantity, amount: number): Pick<Reading, 'quality' | 'flags'> {
  const { min, max } = quantityOf(quantity);
  const isOut = amount < min || amount > max;
  return isOut ? { quality: 'invalid', flags: ['HISTORY', 'OUT_OF_RANGE'] } : { quality: 'ok', flags: ['HISTORY'] };
}

function instantOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const parsed = Instant.safeParse(text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T').replace(/ (?=[+Z-])/, ''));
  return parsed.success ? new Date(parsed.data).toISOString() : undefined;
}
