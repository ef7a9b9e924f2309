/** What a client may answer to a message that is on its way to it. */
type Answer = 'puback' | 'pubrec' | 'pubcomp';
const PUBLISH = 3;
const PUBREL = 6;

/** Messages of one connection between their PUBLISH and the client's last acknowledgement. */
export interface Deliveries {
  /** Takes a frame that goes to the client. */
  sent(first: number, body: Buffer): void;
  /** Takes an acknowledgement. False when it is of the wrong kind [MQTT-4.3.2-1], [MQTT-4.3.3-1]: close the connection. */
  answered(answer: string, packetId: number): boolean;
  readonly waiting: number;
}

/**
 * Keeps account of what was sent and not acknowledged, which Aedes does not for connections without a kept session. It reads
 * packet ids from the bytes on their way out: nothing else of Aedes tells of each message that leaves.
 */
export function createDeliveries(taken: () => void = () => undefined): Deliveries {
  const open = new Map<number, Answer>();
  return {
    sent(first, body) {
      const type = first >> 4;
      const qos = (first >> 1) & 3;
      if (type === PUBREL) open.set(body.readUInt16BE(0), 'pubcomp');
      if (type === PUBLISH && qos > 0)
        open.set(body.readUInt16BE(2 + body.readUInt16BE(0)), qos === 1 ? 'puback' : 'pubrec');
    },
    answered(answer, packetId) {
      const wanted = open.get(packetId);
      // one of an earlier connection, or twice: no harm, and nobody's message
      if (wanted === undefined) return true;
      // PUBREC comes again when PUBREL got lost
      if (wanted === 'pubcomp' && answer === 'pubrec') return true;
      if (wanted !== answer) return false;
      if (answer === 'pubrec') return true;
      open.delete(packetId);
      taken();
      return true;
    },
    get waiting() {
      return open.size;
    },
  };
}
