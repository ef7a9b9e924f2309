import { join } from 'node:path';
import {
  createCity,
  createSim,
  createWorld,
  FAULT_MIXES,
  type City,
  type Sim,
  type SimCredentials,
  type SimState,
} from '@ronde/firmware-sim';
import { isRondeError } from '@ronde/contracts';
import type { Clock, Logger } from '@ronde/kit';
import type { ReadingsStore } from '@ronde/readings';
import type { Registry } from '@ronde/registry';
import type { SensorTypes } from '@ronde/sensor-types';
import { crewTokensOf, linksOf, renewSecrets } from './demo-access.ts';
import { appendHistory, fromLastValues, putCity } from './demo-seed.ts';
import { readSimState, writeSimState } from './demo-state.ts';

export interface DemoDeps {
  registry: Registry;
  readings: ReadingsStore;
  clock: Clock;
  log: Logger;
  sensorTypes: SensorTypes;
  dataDir: string;
  tenant: string;
  seed: number;
}

/** The demo city: generated once, then kept alive by simulated devices and crews that use the real interfaces. */
export interface Demo {
  /** Fills an empty store with the city and 14 days of history; renews the secrets of a store that the demo made. */
  seed(): Promise<void>;
  start(urls: { httpUrl: string; mqttUrl: string }): Promise<void>;
  stop(): Promise<void>;
  /** Signed-in links for people; empty before `start`, and when the store is not the demo's. */
  links(): { label: string; path: string; token: string }[];
  stats(): ReturnType<Sim['stats']> | undefined;
}

/** What the registry remembers of the demo, under meta "demo". */
interface Mark {
  seed: number;
  fromMs: number;
  toMs: number;
  seeded: boolean;
}

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 14;
const META_KEY = 'demo';
const SAVE_EVERY_HOST_MS = 30_000;
/** A pause longer than this is filled with generated history, so that screens and forecasts show no hole. */
const GAP_MS = 30 * 60_000;

/** Gives the demo, with nothing done yet. */
export function createDemo(deps: DemoDeps): Demo {
  const { registry, clock, log, tenant, dataDir } = deps;
  const stateFile = join(dataDir, 'sim-state.json');
  let city: City | undefined;
  let state: SimState | undefined;
  let credentials: SimCredentials | undefined;
  let sim: Sim | undefined;
  let saving: NodeJS.Timeout | undefined;
  let links: { label: string; path: string; token: string }[] = [];

  const seedFresh = async (mark: Mark, made: City): Promise<void> => {
    const startedMs = performance.now();
    await registry.meta.set(META_KEY, JSON.stringify(mark));
    await putCity(deps, made);
    const { world, count } = await appendHistory(deps, made, mark);
    state = { atMs: mark.toMs, world, devices: {} };
    writeSimState(stateFile, state);
    await registry.meta.set(META_KEY, JSON.stringify({ ...mark, seeded: true }));
    const seconds = Math.round(performance.now() - startedMs) / 1000;
    log.info({ assets: made.assets.length, devices: made.devices.length, readings: count, seconds }, 'run.demo.seed');
  };
  const resume = async (made: City): Promise<void> => {
    state = readSimState(stateFile) ?? (await fromLastValues(deps, made));
    const { newestAtMs } = await deps.readings.stats();
    const fromMs = Math.max(state.atMs, newestAtMs ?? 0);
    const toMs = clock.nowMs();
    if (toMs - fromMs < GAP_MS) return;
    const gap = { fromMs: Math.max(fromMs, toMs - HISTORY_DAYS * DAY_MS), toMs };
    const { world, count } = await appendHistory(deps, made, { ...gap, state: state.world });
    state = { ...state, atMs: toMs, world };
    log.info({ hours: Math.round((toMs - gap.fromMs) / 3_600_000), readings: count }, 'run.demo.gap');
  };
  /** A store that is away keeps the demo's devices from nothing: only the hole of the pause stays. */
  const goOnWithout = (error: unknown, made: City): void => {
    if (!isRondeError(error, 'READINGS_UNREACHABLE')) throw error;
    const atMs = clock.nowMs();
    state = { ...(state ?? { world: createWorld(made, { atMs }).state(), devices: {} }), atMs };
    log.warn({ err: error }, 'run.demo.gap-stays');
  };

  return {
    async seed() {
      const mark = await readMark(registry);
      if (!mark && (await registry.assets.count(tenant)) > 0) {
        log.warn({ remedy: 'start with DEMO=off, or with an empty DATA_DIR to see the demo' }, 'run.demo.skip');
        return;
      }
      const made = createCity({ seed: mark?.seed ?? deps.seed });
      const nowMs = clock.nowMs();
      if (!mark?.seeded)
        await seedFresh(
          mark ?? { seed: deps.seed, fromMs: nowMs - HISTORY_DAYS * DAY_MS, toMs: nowMs, seeded: false },
          made,
        );
      else await resume(made).catch((error: unknown) => goOnWithout(error, made));
      credentials = await renewSecrets(deps, made);
      city = made;
    },
    async start({ httpUrl, mqttUrl }) {
      if (!city || !credentials) return;
      const crewTokens = await crewTokensOf(deps, city);
      links = await linksOf(deps, city);
      sim = createSim({
        city,
        state,
        clock,
        tenant,
        mqttUrl,
        httpUrl,
        credentials,
        crewTokens,
        faults: FAULT_MIXES['city']!,
        seed: city.seed,
        encoders: deps.sensorTypes,
        truthFile: join(dataDir, 'ground-truth.jsonl'),
        log,
      });
      await sim.start();
      saving = setInterval(() => sim && writeSimState(stateFile, sim.saveState()), SAVE_EVERY_HOST_MS);
    },
    async stop() {
      clearInterval(saving);
      if (!sim) return;
      await sim.stop();
      writeSimState(stateFile, sim.saveState());
      sim = undefined;
    },
    links: () => links,
    stats: () => sim?.stats(),
  };
}

async function readMark(registry: Registry): Promise<Mark | undefined> {
  const text = await registry.meta.get(META_KEY);
  return text === undefined ? undefined : (JSON.parse(text) as Mark);
}
