import type { Committed } from '../pipeline.ts';
import type { LetterReplay } from '../replay-letters.ts';
import type { IngestDeps } from '../service.ts';
import { deadLetterId } from '../steps/ledger.ts';
import { createAdopter } from './adopt.ts';
import { createTypeSuggester, type TypeSuggester } from './suggest-types.ts';
import { createUnknownDevices, type UnknownDevices } from './unknown-devices.ts';
import { unknownIdOf } from './unknown-name.ts';
import { addUnknownRoutes } from './unknown-routes.ts';

/** Everything about devices that send and are not registered, put together. */
export interface Strangers {
  /** @returns what the consumer tells of uplinks nobody is registered for */
  start(deps: IngestDeps, replay: LetterReplay): Promise<(committed: Committed) => Promise<void>>;
  stop(): Promise<void>;
}

export function createStrangers(): Strangers {
  let unknown: UnknownDevices | undefined;
  let suggester: TypeSuggester | undefined;
  return {
    async start(deps, replay) {
      const collected = (unknown = createUnknownDevices(deps));
      suggester = createTypeSuggester(deps.sensorTypes);
      const adopter = createAdopter({ ...deps, types: deps.sensorTypes, unknown: collected, replay });
      addUnknownRoutes(deps.http, { unknown: collected, suggester, adopter });
      await collected.start();
      return async ({ tenant, unknown: items }) => {
        if (items.length === 0) return;
        try {
          const named = items.map((item) => ({ ...item, id: unknownIdOf(item), letterId: deadLetterId(item.frame) }));
          await collected.note(tenant, await adopter.lateOnes(tenant, named));
        } catch (error) {
          // the frames are safe as dead letters; what is missing is a line in a list
          deps.log.warn({ err: error, uplinks: items.length }, 'ingest.unknown-device.note');
        }
      };
    },
    async stop() {
      await unknown?.stop();
      await suggester?.close();
    },
  };
}
