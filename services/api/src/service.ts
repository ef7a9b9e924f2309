import { IDEMPOTENCY_TTL_MS, createClock, tryNowOrLater, useIdempotency, type Cancel, type Service } from '@ronde/kit';
import type { ApiConfig } from './config.ts';
import type { ApiDeps } from './deps.ts';
import { createImporter } from './imports/importer.ts';
import { createIncidents } from './incidents.ts';
import { createLive } from './live/live.ts';
import { addAssets } from './routes/assets.ts';
import { addCatalogue } from './routes/catalogue.ts';
import { addDevices } from './routes/devices.ts';
import { addExports } from './routes/exports.ts';
import { addImports } from './routes/imports.ts';
import { addFleet } from './routes/fleet.ts';
import { addIncidents } from './routes/incidents.ts';
import { addIntegrations } from './routes/integrations.ts';
import { addPlatform } from './routes/platform.ts';
import { addReadings } from './routes/readings.ts';
import { addTokens } from './routes/tokens.ts';
import { createStates } from './states.ts';

const PRUNE_EVERY_MS = 3_600_000;

/** Creates the API. `start` adds its routes to `deps.http`, so it must run before the server listens. */
export function createApi(config: ApiConfig, deps: ApiDeps): Service {
  const states = createStates(config, deps);
  const live = createLive(config, {
    ...deps,
    states,
    hostClock: deps.hostClock ?? createClock(),
  });
  const incidents = createIncidents(deps, states);
  const importer = createImporter(deps, config.TENANT);
  const timers: Cancel[] = [];
  const ending = new AbortController();
  return {
    async start() {
      useIdempotency(deps.http, deps.registry.idempotency, () => deps.clock.nowMs());
      for (const add of [
        addAssets,
        addReadings,
        addDevices,
        addIntegrations,
        addTokens,
        addFleet,
        addIncidents,
        addCatalogue,
        addExports,
      ]) {
        add({ ...deps, states });
      }
      await addImports(deps, importer);
      live.addRoute();
      await addPlatform(deps);
      await importer.start();
      await incidents.start();
      await states.start();
      // a store that is away keeps no message away: the screens fill once it is back
      await tryNowOrLater(() => live.open(config.TENANT), {
        signal: ending.signal,
        onTrouble: (error) => deps.log.warn({ err: error }, 'api.live.wait'),
      });
      timers.push(deps.clock.every(PRUNE_EVERY_MS, () => void pruneKeys(deps)));
    },
    async stop() {
      ending.abort();
      for (const cancel of timers.splice(0)) cancel();
      await importer.stop();
      live.stop();
      await states.stop();
      await incidents.stop();
    },
  };
}

async function pruneKeys({ registry, clock, log }: ApiDeps): Promise<void> {
  try {
    await registry.idempotency.prune(clock.nowMs() - IDEMPOTENCY_TTL_MS);
  } catch (error) {
    log.warn({ err: error }, 'api.idempotency.prune');
  }
}
