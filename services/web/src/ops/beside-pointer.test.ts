import { expect, test } from 'vitest';
import { besidePointer } from './beside-pointer.ts';

const WINDOW = { width: 1440, height: 900 };
const CARD = { width: 300, height: 120 };
const at = (x: number, y: number) => besidePointer({ x, y }, CARD, WINDOW);

test('a card hangs below and beside the pointer where there is room', () => {
  expect(at(400, 300)).toEqual({ x: 414, y: 314 });
});

test('it hangs above the pointer where there is none below', () => {
  expect(at(400, 870)).toEqual({ x: 414, y: 870 - 14 - CARD.height });
});

test('it stays within the window in every corner', () => {
  for (const x of [0, 720, 1440])
    for (const y of [0, 450, 900]) {
      const place = at(x, y);
      expect(place.x).toBeGreaterThanOrEqual(0);
      expect(place.y).toBeGreaterThanOrEqual(0);
      expect(place.x + CARD.width).toBeLessThanOrEqual(WINDOW.width);
      expect(place.y + CARD.height).toBeLessThanOrEqual(WINDOW.height);
    }
});

test('a card larger than the window shows its beginning', () => {
  expect(besidePointer({ x: 90, y: 60 }, CARD, { width: 200, height: 100 })).toEqual({ x: 8, y: 8 });
});
