import type { Clock } from '@ronde/kit';
import type { Bus } from '@ronde/bus';
import type { Registry, RoundView } from '@ronde/registry';
import { createSerial } from './serial.ts';

/** Remembers which version of a round its tablets have shown, so that operations know what crews know. */
export interface RoundViews {
  seen(ack: { roundId: string; version: number; tokenId: string }): Promise<void>;
}

/** Two tablets of one crew have a line each; the round's own version is the newest that any of them has shown. */
export function createRoundViews(deps: {
  registry: Registry;
  bus: Bus;
  clock: Clock;
  tenant: string;
  /** The version that a round has now; a tablet cannot have seen more. */
  versionOf(roundId: string): Promise<number | undefined>;
}): RoundViews {
  const { registry, bus, clock, tenant } = deps;
  const serial = createSerial();
  const note = async (ack: { roundId: string; version: number; tokenId: string }): Promise<void> => {
    const { roundId, version, tokenId } = ack;
    const newest = await deps.versionOf(roundId);
    if (newest === undefined || version > newest || version < 1) return;
    const before = await registry.roundViews.get(tenant, roundId);
    if ((before?.tablets[tokenId]?.version ?? 0) >= version) return;
    const at = clock.iso();
    const isNews = version > (before?.version ?? 0);
    const view: RoundView = {
      id: roundId,
      version: isNews ? version : before!.version,
      at: isNews ? at : before!.at,
      tablets: { ...before?.tablets, [tokenId]: { version, at } },
    };
    await registry.roundViews.put(tenant, view);
    if (isNews) await bus.publish('round.seen', { tenant, roundId, version, at });
  };
  return { seen: (ack) => serial.run(() => note(ack)) };
}
