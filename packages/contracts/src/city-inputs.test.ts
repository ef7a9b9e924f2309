import { expect, test } from 'vitest';
import { doorFaults, type CityInput } from './city-inputs.ts';

const AT = '2026-11-27T08:00:00Z';
const faults = (source: CityInput, message: unknown): string[] =>
  doorFaults(source, new TextEncoder().encode(typeof message === 'string' ? message : JSON.stringify(message))).map(
    ({ field, message: what }) => `${field} ${what}`,
  );

test('counts, lifts and tickets come in, alone or many at once', () => {
  expect(faults('deposits', { deviceId: 'lock-1', at: AT, count: 3 })).toEqual([]);
  expect(faults('deposits', [{ deviceId: 'lock-1', at: AT, count: 3, chamber: 'left' }])).toEqual([]);
  expect(faults('crane', { deviceId: 'crane-1', at: AT, liftId: 'l-1', massKg: 412.5, assetId: 'bin-1' })).toEqual([]);
  expect(faults('weighbridge', { deviceId: 'wb', at: AT, ticketId: 't', grossKg: 14_000, tareKg: 9_000 })).toEqual([]);
});

test('whatever could name a person stays outside, each field by its name', () => {
  const message = { deviceId: 'lock-1', at: AT, count: 1, cardId: '04A2', user: { name: 'x' } };
  expect(faults('deposits', message)).toEqual(['cardId is not taken', 'user is not taken']);
  expect(faults('deposits', [{ deviceId: 'lock-1', at: AT, count: 1, pas: 1 }])).toEqual(['0.pas is not taken']);
  expect(faults('weighbridge', { deviceId: 'wb', at: AT, ticketId: 't', netKg: 1, plate: 'XX-123-X' })).toEqual([
    'plate is not taken',
  ]);
});

test('every fault is told at once, and rubbish is a fault too', () => {
  expect(faults('crane', { at: 'yesterday', massKg: -1, liftId: 'l', deviceId: 'c' })).toHaveLength(2);
  expect(faults('weighbridge', { deviceId: 'wb', at: AT, ticketId: 't', grossKg: 1 })).toEqual([
    'netKg give netKg, or grossKg and tareKg',
  ]);
  expect(faults('deposits', '{')).toEqual(['message is not JSON in UTF-8']);
  expect(faults('deposits', 'null')).toHaveLength(1);
});
