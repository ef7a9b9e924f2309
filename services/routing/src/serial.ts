/** Runs pieces of work one after the other, in the order they were handed in; a failure ends only its own piece. */
export interface Serial {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when everything handed in so far has ended. */
  idle(): Promise<void>;
}

/** Gives an empty queue. */
export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run<T>(work: () => Promise<T>): Promise<T> {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
    idle: async () => void (await last),
  };
}
