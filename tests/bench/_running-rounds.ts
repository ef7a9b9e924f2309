import { AssetInput, type Round, type Vehicle } from '@ronde/contracts';
import { createClock, silentLog } from '@ronde/kit';
import { openBus } from '@ronde/bus';
import { openRegistry } from '@ronde/registry';
import { openTravel } from '@ronde/travel';
import { RoutingConfig } from '../../services/routing/src/config.ts';
import { isEnded } from '../../services/routing/src/committed.ts';
import { createLearnings } from '../../services/routing/src/learnings.ts';
import { createPlanRecords } from '../../services/routing/src/plan-records.ts';
import { createPlanner } from '../../services/routing/src/planner.ts';
import { createRests } from '../../services/routing/src/rests.ts';
import { createRoundStore } from '../../services/routing/src/round-store.ts';
import { createSolver } from '../../services/routing/src/solver.ts';
import { createVetoes } from '../../services/routing/src/vetoes.ts';

const TENANT = 'default';
/** A Monday, in the middle of everybody's shift. */
const START_MS = Date.parse('2026-01-05T07:00:00Z');

/** A planner on real stores with many rounds under way, for benchmarks: a city of bins whose fills are given. */
export async function openRunningRounds(options: { bins: number; vehicles: number; random: () => number }) {
  const { bins, vehicles, random } = options;
  const log = silentLog();
  const clock = createClock({ startMs: START_MS });
  const registry = await openRegistry('sqlite::memory:', { dataDir: '.', log });
  const bus = await openBus('memory:', log);
  const travel = await openTravel('straight-line:');
  await registry.depots.put(TENANT, { id: 'yard', name: 'Yard', position: { lat: 52.07, lon: 5.09 } });
  await registry.disposalSites.put(TENANT, {
    id: 'tip',
    name: 'Tip',
    position: { lat: 52.1, lon: 5.15 },
    fractions: ['residual'],
    tippingTimeS: 600,
  });
  await registry.vehicles.putAll(
    TENANT,
    Array.from({ length: vehicles }, (_, index): Vehicle => ({
      id: `truck-${index}`,
      name: `Truck ${index}`,
      depotId: 'yard',
      crewId: `crew-${index}`,
      fractions: ['residual'],
      liftTypes: ['hand'],
      capacityKg: 4_000,
      shifts: [{ from: '07:00', to: '13:00' }],
      speedKmh: 28,
      available: true,
    })),
  );
  const level = new Map<string, number>();
  const assets = Array.from({ length: bins }, (_, index): AssetInput => {
    level.set(`bin-${index}`, index < bins * 0.92 ? 0.7 + 0.3 * random() : 0.2 + 0.3 * random());
    return AssetInput.parse({
      id: `bin-${index}`,
      kind: 'container',
      name: `Bin ${index}`,
      chambers: [{ id: '1', fraction: 'residual', volumeL: 1100 }],
      geometry: { type: 'Point', coordinates: [5.05 + random() * 0.12, 52.04 + random() * 0.08] },
    });
  });
  await registry.assets.putAll(TENANT, assets);
  const config = RoutingConfig.parse({ SOLVE_S: 6 });
  const rounds = createRoundStore({ registry, bus, clock, tenant: TENANT });
  const solver = createSolver();
  const records = createPlanRecords({ registry, tenant: TENANT, clock, log, solver, most: 50, version: 'bench' });
  const planner = createPlanner({
    registry,
    bus,
    clock,
    log,
    travel,
    rests: createRests(),
    vetoes: createVetoes(),
    learnings: createLearnings({ registry, tenant: TENANT }),
    rounds,
    config,
    solver,
    records,
    forecaster: {
      outlook: (assetId) => {
        const fill = level.get(assetId)!;
        const risk = Math.max(0, Math.min(1, (fill - 0.4) * 1.6));
        return {
          assetId,
          chamber: '1',
          fill,
          measuredAtMs: START_MS,
          risk,
          riskEmptied: 0,
          chambers: [{ chamber: '1', fill }],
        };
      },
      fullAtMs: () => null,
    },
  });
  const plan = async () => {
    const nowMs = clock.nowMs();
    const { done } = await planner.request({ cause: 'bin-full', fromMs: nowMs, toMs: nowMs + 8 * 3_600_000 });
    return done;
  };
  /** The crew of a round ends its next stop. */
  const advance = async (round: Round): Promise<void> => {
    const next = round.stops.find((stop) => !isEnded(stop));
    const stops = round.stops.map((stop) =>
      stop === next ? { ...stop, status: 'done' as const, endedAt: clock.iso() } : stop,
    );
    await rounds.save([{ round: { ...round, status: 'active', stops } }]);
  };
  return {
    plan,
    advance,
    rounds,
    records,
    level,
    bus,
    async close() {
      await planner.stop();
      await solver.close();
      for (const store of [bus, travel, registry]) await store.close();
    },
  };
}

/** Stops of rounds under way that are still to do. */
export function openStops(rounds: Round[]): number {
  return rounds.reduce(
    (sum, { stops }) => sum + stops.filter((stop) => stop.kind === 'asset' && !isEnded(stop)).length,
    0,
  );
}
