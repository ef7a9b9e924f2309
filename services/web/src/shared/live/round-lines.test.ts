import { afterEach, expect, test, vi } from 'vitest';
import type { Round, RoundLine, Stop } from '@ronde/contracts';
import { legsOf } from './round-lines.ts';

type Ordered = Pick<Round, 'id' | 'stops'>;

const ordered = (id: string, order: readonly string[]): Ordered => ({ id, stops: order.map((stopId) => stop(stopId)) });
const stop = (id: string): Stop => ({
  id,
  seq: 1,
  kind: 'asset',
  assetIds: [`bin-${id}`],
  lat: 52,
  lon: 5,
  eta: '2026-01-05T08:00:00.000Z',
  reason: '',
  status: 'planned',
});

/** A server that draws the round as it stands there; answers wait until `answer` lets one go, the oldest first. */
function server() {
  const waiting: (() => void)[] = [];
  const of = { round: ordered('', []) };
  vi.stubGlobal('fetch', (path: string) => {
    const { id, stops } = of.round;
    expect(path).toBe(`/v1/rounds/${id}/line`);
    const line: RoundLine = {
      roundId: id,
      version: 1,
      legs: [...stops.map((one) => one.id), null].map((stopId) => ({
        stopId,
        distanceM: 1,
        durationS: 1,
        line: { type: 'LineString', coordinates: [[stopId === null ? 0 : Number(stopId), stops.length]] },
      })),
    };
    return new Promise((resolve) => waiting.push(() => resolve(new Response(JSON.stringify(line)))));
  });
  return {
    /** Draws the round in this order, as a screen does with each change. */
    draw: (round: Ordered) => {
      of.round = round;
      return legsOf(round);
    },
    asked: () => waiting.length,
    answer: (index = 0) => waiting.splice(index, 1)[0]!(),
  };
}
afterEach(() => void vi.unstubAllGlobals());

const known = (round: Ordered): number => legsOf(round).filter((leg) => leg.length > 0).length;

test('an order that comes back after another is asked for again, and has its streets', async () => {
  const { draw, asked, answer } = server();
  const [a, b] = [ordered('undone', ['1', '2', '3']), ordered('undone', ['3', '1', '2'])];
  for (const round of [a, b, a]) {
    draw(round);
    expect(asked()).toBe(1);
    answer();
    await vi.waitFor(() => expect(known(round)).toBe(4));
    draw(round);
    expect(asked()).toBe(0);
  }
});

test('an answer to an order that is no longer the last leaves the streets as they are', async () => {
  const { draw, answer } = server();
  const [a, b, other] = [ordered('late', ['1', '2']), ordered('late', ['2', '1']), ordered('other', ['1'])];
  for (const round of [b, a]) draw(round);
  answer(1);
  await vi.waitFor(() => expect(known(a)).toBe(3));
  answer();
  draw(other);
  answer();
  await vi.waitFor(() => expect(known(other)).toBe(2));
  expect(known(a)).toBe(3);
});
