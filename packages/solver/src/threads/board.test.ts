import { expect, test } from 'vitest';
import { createTown } from '../fixtures.ts';
import { createBoard, takeSeat, vacate } from './board.ts';
import type { Posted } from './board.ts';

const town = createTown(1, { stops: 6, vehicles: 2 });
const plan: Posted = { sequences: [Int32Array.of(3, 1), new Int32Array(0)], cost: 12.5, requiredLeft: 4, base: -7 };

test('a plan is read by the others as it was posted, until its seat has gone two meetings on', () => {
  const board = createBoard(town, 2);
  const [mine, other] = [takeSeat(board, 0), takeSeat(board, 1)];
  expect(other.read(0, 0)).toBeUndefined();
  mine.post(0, plan);
  mine.post(1, { ...plan, cost: 11 });
  expect(other.read(0, 0)).toEqual(plan);
  expect(other.read(0, 1)?.cost).toBe(11);
  mine.post(2, { ...plan, cost: 10 });
  expect(other.read(0, 0)).toBeUndefined();
  expect(other.read(0, 2)?.cost).toBe(10);
  expect(other.read(1, 0)).toBeUndefined();
});

test('a plan that has no room is not there, but its seat is not waited for', () => {
  const board = createBoard(town, 2);
  const [mine, other] = [takeSeat(board, 0), takeSeat(board, 1)];
  mine.post(0, { ...plan, sequences: [new Int32Array(1_000)] });
  expect(other.read(0, 0)).toBeUndefined();
  other.post(0, plan);
  other.wait(0, Infinity, () => false);
  expect(mine.read(1, 0)).toEqual(plan);
});

test('nobody waits for a seat that has left, longer than asked for, or when all is over', () => {
  const board = createBoard(town, 3);
  const seat = takeSeat(board, 0);
  seat.post(0, plan);
  seat.wait(0, 2, () => false);
  seat.wait(0, Infinity, () => true);
  takeSeat(board, 1).leave();
  vacate(board, 2);
  seat.wait(0, Infinity, () => false);
  expect(seat.read(1, 0)).toBeUndefined();
});
