import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadTypes } from './load-types.ts';
import type { Downlinks } from './manifest.ts';
import { BUILT_IN_TYPES } from './open-encoders.ts';
import { openSandbox } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';

const { types: loaded } = await loadTypes([BUILT_IN_TYPES]);
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
  for (const { manifest, codec } of loaded) if (codec !== null) sandbox.add(manifest.id, codec);
});
afterAll(() => sandbox.close());

type Setting = Downlinks[string];
type Parameter = Setting['parameters'][string];

const Answer = z.object({
  fPort: z.number().optional(),
  bytes: z.array(z.number().int().min(0).max(255)).optional(),
  errors: z.array(z.string()).optional(),
});
const settings = loaded.flatMap(({ manifest, downlinks }) =>
  Object.entries(downlinks).map(([name, setting]) => [`${manifest.id} ${name}`, manifest, setting] as const),
);

describe.each(settings)('the setting %s', (_name, manifest, setting) => {
  async function send(value: (parameter: Parameter) => number): Promise<z.infer<typeof Answer>> {
    const input = { data: dataOf(setting, value), fPort: setting.fPort };
    const answer = await sandbox.call(manifest.id, 'encodeDownlink', input);
    return answer.ok ? Answer.parse(answer.output) : { errors: answer.errors };
  }

  test.each([
    ['least', ({ min }: Parameter) => min],
    ['most', ({ max }: Parameter) => max],
  ])('is sent at its %s in what the slowest data rate carries', async (_end, value) => {
    const { fPort, bytes, errors } = await send(value);
    expect(errors).toBeUndefined();
    expect(fPort).toBe(setting.fPort);
    expect(bytes?.length).toBeGreaterThan(0);
    // EU868 at spreading factor 12
    expect(bytes?.length).toBeLessThanOrEqual(51);
  });

  test.runIf(Object.keys(setting.parameters).length > 0)('is refused beyond its range, with the reason', async () => {
    for (const value of [({ min }: Parameter) => min - 1, ({ max }: Parameter) => max + 1]) {
      const { bytes, errors } = await send(value);
      expect(bytes).toBeUndefined();
      expect(errors?.join()).toMatch(/\d/);
    }
  });
});

/** Fills the places such as {seconds} of a setting's data. */
function dataOf({ data, parameters }: Setting, value: (parameter: Parameter) => number): Record<string, unknown> {
  const places = new Map(Object.entries(parameters).map(([name, parameter]) => [`{${name}}`, value(parameter)]));
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, places.get(String(text)) ?? text]));
}
