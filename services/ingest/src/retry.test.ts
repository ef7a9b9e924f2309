import { expect, test, vi } from 'vitest';
import { RondeError } from '@ronde/contracts';
import { createFakeClock, createRng, silentLog } from '@ronde/kit';
import { Stopped, createRetry } from './retry.ts';

function opened() {
  const clock = createFakeClock();
  let retries = 0;
  const retry = createRetry({ clock, rng: createRng(1), log: silentLog(), onRetry: () => (retries += 1) });
  return { clock, retry, retries: () => retries };
}

test('work goes on being tried while the store is away, with pauses that grow to half a minute', async () => {
  const { clock, retry, retries } = opened();
  let away = 12;
  const result = retry.run(async () =>
    away-- > 0 ? Promise.reject(new RondeError('READINGS_UNREACHABLE', 'planted')) : 'done',
  );
  await vi.waitFor(() => expect(retry.trouble()).toBe('planted'));
  await vi.waitFor(
    () => {
      clock.advance(30_000);
      expect(retries()).toBe(12);
    },
    { interval: 1 },
  );
  clock.advance(30_000);
  expect(await result).toBe('done');
  expect(retry.trouble()).toBeUndefined();
});

test('what the data is to blame for is not tried again', async () => {
  const { retry, retries } = opened();
  await expect(retry.run(() => Promise.reject(new RondeError('INPUT_INVALID', 'planted')))).rejects.toThrow('planted');
  expect(retries()).toBe(0);
});

test('stopping ends the wait at once', async () => {
  const { retry } = opened();
  const result = retry.run(() => Promise.reject(new Error('planted')));
  const ended = expect(result).rejects.toThrow(Stopped);
  await vi.waitFor(() => expect(retry.trouble()).toBe('planted'));
  retry.stop();
  await ended;
});
