import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RondeError } from '@ronde/contracts';
import { createCallHealth, openThread, type Remote } from '@ronde/kit';
import { KIND_NAMES, type Kind } from '../../kinds.ts';
import type { RegistryOptions } from '../../open.ts';
import type { Registry, TakePart } from '../../port.ts';
import { createCollection, createFinders } from '../collection.ts';
import type { RegistryHandlers } from './worker.ts';

type Collections = Pick<Registry, Kind>;

/** Opens a registry in one SQLite file, served by one worker thread; empty location = DATA_DIR/registry.sqlite. */
export async function openSqliteRegistry(location: string, { dataDir, log }: RegistryOptions): Promise<Registry> {
  const file = location || join(dataDir, 'registry.sqlite');
  if (file !== ':memory:') makeDirectory(dirname(file));
  const thread = await openThread<RegistryHandlers>(new URL('./worker.ts', import.meta.url), { file });
  const health = createCallHealth('REGISTRY_UNREACHABLE');
  const call = health.watch(thread.call);
  log.info({ file, schema_version: await call.version() }, 'registry.store.open');
  const collections = Object.fromEntries(
    KIND_NAMES.map((kind) => [kind, createCollection(kind, call)]),
  ) as unknown as Collections;
  return {
    ...collections,
    ...createFinders(call),
    idempotency: { find: call.findKey, remember: call.rememberKey, prune: call.pruneKeys },
    meta: { get: call.getMeta, set: call.setMeta },
    health: health.report,
    async dump(take) {
      for (const kind of KIND_NAMES) await dumpKind(call, kind, take);
      await take({ answers: await call.allKeys() });
      await take({ meta: await call.allMeta() });
    },
    async load(fill, { replace = false } = {}) {
      await call.makeEmpty(replace);
      await fill((part) => call.loadPart(part));
    },
    backup: call.backup,
    scrub: call.scrub,
    close: () => thread.close(),
  };
}

async function dumpKind(call: Remote<RegistryHandlers>, kind: Kind, take: TakePart): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Awaited<ReturnType<typeof call.page>> = await call.page(kind, after);
    for (const part of page.parts) await take(part);
    after = page.next;
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw new RondeError('REGISTRY_UNREACHABLE', `registry: ${directory} cannot be made`, { cause });
  }
}
