import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openSandbox } from '@ronde/sensor-types';
import { HOSTILE } from '../fixtures/hostile-codecs.ts';
import { spread } from './_spread.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Resident memory of the process after a collection, MB. */
export function rssMb(): number {
  collect();
  return process.memoryUsage().rss / 1024 / 1024;
}

const GOOD = 'function decodeUplink(i) { return { data: { sum: i.bytes.reduce((a, b) => a + b, 0) } }; }';
const INPUT = { bytes: Uint8Array.of(1, 2, 3), fPort: 1, recvTime: '2026-01-01T00:00:00.000Z' };

/** Runs every hostile codec once beside a good one: wall time to its end, the good one's answer after it, memory left. */
export async function measureHostile(): Promise<object> {
  const sandbox = await openSandbox();
  try {
    sandbox.add('good', GOOD);
    await sandbox.decode('good', INPUT);
    const before = rssMb();
    const took: { name: string; ms: number }[] = [];
    let contained = 0;
    let unaffected = 0;
    for (const [name, body] of HOSTILE) {
      sandbox.add(name, `function decodeUplink(input) { ${body} }`);
      const start = performance.now();
      if (!(await sandbox.decode(name, INPUT)).ok) contained++;
      took.push({ name, ms: Math.round(performance.now() - start) });
      const good = await sandbox.decode('good', INPUT);
      if (good.ok && good.data['sum'] === 6) unaffected++;
    }
    const slowest = took.toSorted((a, b) => b.ms - a.ms).slice(0, 5);
    const wallMs = { ...spread(took.map(({ ms }) => ms)), max: slowest[0]?.ms };
    const memoryGrownMb = Math.round((rssMb() - before) * 10) / 10;
    return { codecs: HOSTILE.length, contained, othersUnaffected: unaffected, wallMs, slowest, memoryGrownMb };
  } finally {
    await sandbox.close();
  }
}
