import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { encodeMap } from './fixtures.ts';
import { drawMap } from './graph-fixture.ts';
import { probeTravel } from './index.ts';

const BYTES = encodeMap(
  drawMap(
    ['A B', '   ', 'C D'],
    [
      [1, 'AB'],
      [2, 'CD'],
      [3, 'AC'],
      [4, 'BD'],
    ],
  ),
  { perBlock: 2 },
);

test.each<[string, Buffer | undefined, RegExp | undefined]>([
  ['whole', BYTES, undefined],
  ['missing', undefined, /cannot be opened.*put an extract there/],
  ['cut off', BYTES.subarray(0, BYTES.length - 5), /at byte \d+ of .*fetch the extract again/],
  ['something else', Buffer.from('PK zip or so, and more of it'), /not those of an \.osm\.pbf/],
])('an extract that is %s is told so', async (_, bytes, trouble) => {
  const dir = mkdtempSync(join(tmpdir(), 'ronde-probe-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'map.osm.pbf');
  if (bytes) writeFileSync(file, bytes);
  const probe = await probeTravel(`osm:${file}`);
  if (trouble) expect(probe.trouble).toMatch(trouble);
  else expect(probe).toEqual({ detail: `${file}: 4 blocks, all whole` });
});

test('a server that is away is told with its address', async () => {
  expect((await probeTravel('osrm+http://127.0.0.1:9')).trouble).toMatch(
    /OSRM at http:\/\/127\.0\.0\.1:9 .*correct TRAVEL_URL/,
  );
});
