const PUBACK = 0x40;
const PUBREC = 0x50;
const ACK_BYTES = 4;

interface Entry {
  /** First byte of the acknowledgement; 0 where none is sent (QoS 0). */
  kind: number;
  messageId: number;
  bytes: number;
  isDone: boolean;
}

export interface AcknowledgerOptions {
  write(bytes: Buffer): void;
  /** Hears of the first message that could not be kept; nothing is acknowledged from then on. */
  onFail(thrown: unknown): void;
  /** Hears of every group that was acknowledged. */
  onFlush(): void;
}

/** Acknowledges messages in the order they came [MQTT-4.6.0-2], all that one commit made durable in one write. */
export interface Acknowledger {
  /** Takes a message on; it is acknowledged once `kept` resolves and those before it are. */
  add(message: { qos: number; messageId: number | undefined; bytes: number }, kept: Promise<unknown>): void;
  /** Messages that came and are not acknowledged, and their bytes. */
  inFlight(): number;
  inFlightBytes(): number;
  /** Resolves when everything taken on is acknowledged, or has failed. */
  drained(): Promise<void>;
}

export function createAcknowledger({ write, onFail, onFlush }: AcknowledgerOptions): Acknowledger {
  let entries: Entry[] = [];
  let first = 0;
  let bytes = 0;
  let isScheduled = false;
  let hasFailed = false;
  let onDrained: (() => void)[] = [];

  const settle = (): void => {
    if (first < entries.length && !hasFailed) return;
    for (const done of onDrained) done();
    onDrained = [];
  };
  const flush = (): void => {
    isScheduled = false;
    if (hasFailed) return;
    const group = Buffer.allocUnsafe(ACK_BYTES * (entries.length - first));
    let used = 0;
    for (; entries[first]?.isDone; first++) {
      const { kind, messageId, bytes: ofMessage } = entries[first]!;
      bytes -= ofMessage;
      if (kind === 0) continue;
      // reason code and properties may be left out where all is well, in MQTT 5 too [MQTT 5, 3.4.2.1]
      group[used] = kind;
      group[used + 1] = 2;
      group.writeUInt16BE(messageId, used + 2);
      used += ACK_BYTES;
    }
    if (first > 4_096 || first === entries.length) {
      entries = entries.slice(first);
      first = 0;
    }
    if (used > 0) write(group.subarray(0, used));
    onFlush();
    settle();
  };
  return {
    add({ qos, messageId, bytes: ofMessage }, kept) {
      const kind = qos === 0 ? 0 : qos === 1 ? PUBACK : PUBREC;
      const entry: Entry = { kind, messageId: messageId ?? 0, bytes: ofMessage, isDone: false };
      entries.push(entry);
      bytes += ofMessage;
      kept.then(
        () => {
          entry.isDone = true;
          if (isScheduled) return;
          isScheduled = true;
          // after the others of the same commit, which resolve in this very turn
          setImmediate(flush);
        },
        (thrown: unknown) => {
          if (hasFailed) return;
          hasFailed = true;
          onFail(thrown);
          settle();
        },
      );
    },
    inFlight: () => entries.length - first,
    inFlightBytes: () => bytes,
    drained: () =>
      first === entries.length || hasFailed ? Promise.resolve() : new Promise((resolve) => onDrained.push(resolve)),
  };
}
