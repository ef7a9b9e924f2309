import { load, secondsOf } from './_processes.ts';
import { drain, runRated, watch, withPlatform } from './_rated.ts';

/*
 * Five times the connections of the rated load, each with as many messages in flight: memory, and how fast all is normal
 * again. `normal` is the same platform under a light load before; `after` the same light load right behind the overload.
 */
const LIGHT = { connections: 10, window: 1, payload: 'dl-mbx', seconds: secondsOf(5) } as const;
const HEAVY = { connections: 50, window: 20, payload: 'dl-mbx', seconds: secondsOf(60) } as const;

export async function run(): Promise<object> {
  return {
    overload: await withPlatform(HEAVY.connections, async (ronde, fleet) => {
      const target = { port: ronde.mqttPort, secrets: fleet.map(({ secret }) => secret) };
      const normal = await load({ ...LIGHT, ...target });
      const memoryBeforeMb = Math.round(ronde.rssMb());
      const watching = watch(ronde);
      const heavy = await load({ ...HEAVY, ...target, firstSeq: 20_000_000 });
      const watched = await watching.stop();
      const after = await load({ ...LIGHT, ...target, firstSeq: 90_000_000, warmUpS: 0 });
      return { memoryBeforeMb, normal, heavy, ...watched, after, ...(await drain(ronde)) };
    }),
    rated: await runRated({ ...HEAVY, connections: 10, seconds: secondsOf(10) }),
  };
}
