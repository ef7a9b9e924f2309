/** Makes event ids that sort by time of making, also within one millisecond. */
export type NewEventId = (nowMs: number) => string;

const COUNTER_BITS = 12;

/** Gives a maker of UUIDs, version 7 [RFC 9562 §5.7, method 1: a counter in rand_a]. */
export function createEventIds(
  fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void = (bytes) => crypto.getRandomValues(bytes),
): NewEventId {
  let lastMs = 0;
  let counter = 0;
  return (nowMs) => {
    // a clock that was set back must not make ids that sort before older ones
    const atMs = Math.max(Math.floor(nowMs), lastMs);
    counter = atMs === lastMs ? counter + 1 : 0;
    lastMs = counter >= 2 ** COUNTER_BITS ? atMs + 1 : atMs;
    if (lastMs !== atMs) counter = 0;
    const random = new Uint8Array(8);
    fillRandom(random);
    const time = lastMs.toString(16).padStart(12, '0');
    const variant = (((random[0] ?? 0) & 0x3f) | 0x80).toString(16);
    const rest = [...random.slice(1)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    return [
      time.slice(0, 8),
      time.slice(8),
      `7${counter.toString(16).padStart(3, '0')}`,
      variant + rest.slice(0, 2),
      rest.slice(2),
    ].join('-');
  };
}
