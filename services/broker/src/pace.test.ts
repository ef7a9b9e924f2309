import { expect, onTestFinished, test, vi } from 'vitest';
import { createPace } from './pace.ts';

function paced(perS: number) {
  vi.useFakeTimers();
  const begun: string[] = [];
  const pace = createPace<string>({ perS, nowMs: () => Date.now(), begin: (conn) => void begun.push(conn) });
  onTestFinished(() => {
    pace.close();
    vi.useRealTimers();
  });
  return { pace, begun };
}

test('connections beyond the rate wait for their turn, and none is lost', () => {
  const { pace, begun } = paced(100);
  for (let index = 0; index < 50; index++) pace.admit(`c${index}`, '10.0.0.1');
  expect(begun.length).toBe(10);
  vi.advanceTimersByTime(200);
  expect(begun.length).toBe(30);
  vi.advanceTimersByTime(1_000);
  expect(begun).toEqual(Array.from({ length: 50 }, (_, index) => `c${index}`));
  expect(pace.waiting()).toBe(0);
});

test('a flood from one address makes its own connections wait, not those of another', () => {
  const { pace, begun } = paced(100);
  for (let index = 0; index < 500; index++) pace.admit(`flood ${index}`, '10.0.0.1');
  pace.admit('honest', '10.0.0.2');
  vi.advanceTimersByTime(40);
  expect(begun).toContain('honest');
  expect(begun.length).toBeLessThan(20);
});

test('a connection that has gone takes no turn', () => {
  const { pace, begun } = paced(10);
  for (const conn of ['a', 'b', 'c']) pace.admit(conn, '10.0.0.1');
  pace.release('b');
  vi.advanceTimersByTime(1_000);
  expect(begun).toEqual(['a', 'c']);
});
