import { signal } from '@preact/signals';
import type { Asset } from '@ronde/contracts';
import { call } from '../shared/rest.ts';

const AT_ONCE = 4;
const names = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Set<string>();
const waiting: string[] = [];
let running = 0;

/** Names an asset; its id until the name is known, and where there is none. Each name is asked for once. */
export function assetName(id: string): string {
  if (!asked.has(id)) {
    asked.add(id);
    waiting.push(id);
    queueMicrotask(askMore);
  }
  return names.value.get(id) ?? id;
}

function askMore(): void {
  while (running < AT_ONCE && waiting.length > 0) {
    running += 1;
    // the newest first: those are on the screen now
    void ask(waiting.pop() ?? '').finally(() => {
      running -= 1;
      askMore();
    });
  }
}

async function ask(id: string): Promise<void> {
  const answer = await call<Asset>(`/v1/assets/${encodeURIComponent(id)}`);
  if (answer.ok) names.value = new Map(names.value).set(id, answer.value.name);
  // one that was out of reach may be asked for again; one that is gone may not
  else if (answer.problem.status !== 404) asked.delete(id);
}

/** A link to an asset on the map, by its name. */
export function AssetLink({ id }: { id: string }) {
  const name = assetName(id);
  return (
    <a href={`/ops?sel=${encodeURIComponent(id)}`} title={name === id ? undefined : id}>
      {name}
    </a>
  );
}
