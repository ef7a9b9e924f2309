import { signal, type ReadonlySignal } from '@preact/signals';

/** A small collection of whole documents (rounds, incidents), kept by REST pages and live messages. */
export interface DocumentStore<T extends { id: string }> {
  items: ReadonlySignal<readonly T[]>;
  /** False until the first page or snapshot came. */
  isLoaded: ReadonlySignal<boolean>;
  /** Replaces everything: a snapshot. */
  replace(items: readonly T[]): void;
  /** Adds or replaces, and removes: a delta or one answer of REST. */
  merge(changed: readonly T[], removed?: readonly string[]): void;
  get(id: string): T | undefined;
}

/** @param isOlder tells that `candidate` must not replace `current`, such as an older version of a round */
export function createDocumentStore<T extends { id: string }>(
  isOlder: (candidate: T, current: T) => boolean = () => false,
): DocumentStore<T> {
  const byId = new Map<string, T>();
  const items = signal<readonly T[]>([]);
  const isLoaded = signal(false);
  const publish = (): void => {
    items.value = [...byId.values()];
    isLoaded.value = true;
  };
  const put = (item: T): void => {
    const current = byId.get(item.id);
    if (!current || !isOlder(item, current)) byId.set(item.id, item);
  };
  return {
    items,
    isLoaded,
    replace(next) {
      byId.clear();
      next.forEach(put);
      publish();
    },
    merge(changed, removed = []) {
      changed.forEach(put);
      removed.forEach((id) => byId.delete(id));
      publish();
    },
    get: (id) => byId.get(id),
  };
}
