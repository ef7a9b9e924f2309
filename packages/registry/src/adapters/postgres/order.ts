/** Runs calls on one key in the order in which they were made, calls on others beside each other. */
export interface Order {
  run<T>(keys: string[], work: () => Promise<T>): Promise<T>;
}

/** Creates an order. A pool of connections would else let the later of two writes of a document come first. */
export function createOrder(): Order {
  const ends = new Map<string, Promise<unknown>>();
  return {
    run(keys, work) {
      const before = keys.map((key) => ends.get(key)).filter((end) => end !== undefined);
      // without anything to wait for it starts at once
      const result = before.length === 0 ? work() : Promise.all(before).then(work);
      const end = result.then(ignore, ignore);
      for (const key of keys) ends.set(key, end);
      void end.then(() => {
        for (const key of keys) if (ends.get(key) === end) ends.delete(key);
      });
      return result;
    },
  };
}

const ignore = (): void => undefined;
