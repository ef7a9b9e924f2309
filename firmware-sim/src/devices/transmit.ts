import { journeyOf, type Journey } from '../faults/copies.ts';
import type { FaultMix } from '../faults/model.ts';
import type { Delivery, Message } from '../networks/model.ts';
import type { Rng } from '../rng.ts';
import type { Truth } from '../truth.ts';
import type { Composer } from './compose.ts';
import { createDelayed } from './delayed.ts';
import type { Counts, Put } from './engine.ts';
import type { FleetParts } from './fleet-parts.ts';
import { messageLine } from './truth-lines.ts';

/** Hands messages over: at once, late, twice, or after an outage. */
export interface Transmitter {
  send(device: number, delivery: Delivery, simMs: number): void;
  /** Hands over one message that is not a measurement. */
  tell(device: number, message: Message, simMs: number): void;
  /** Keeps a delivery until the network is back. */
  keep(device: number, delivery: Delivery): void;
  /** When the next late message is due; Infinity when there is none. */
  nextMs(): number;
  /** Hands over the next late message. */
  sendNext(): void;
  /** Where messages go; the engine sets it for each run. */
  put: Put;
}

export interface TransmitterOptions {
  parts: FleetParts;
  composer: Composer;
  mix: FaultMix;
  rng: Rng;
  truth: Truth;
  count: Counts;
}

/** A message that comes later than it was sent. */
interface Later {
  device: number;
  messages: Message[];
  fCnt: number;
  how: 'late' | 'copy';
}

/** A device keeps so many messages while there is no network. */
const BACKLOG = 100;
const AT_ONCE: Journey = { delayMs: 0 };

/** Makes the transmitter of a fleet. */
export function createTransmitter({ parts, composer, mix, rng, truth, count }: TransmitterOptions): Transmitter {
  const { networks, devices } = parts;
  const delayed = createDelayed<Later>();
  const backlogs = new Map<number, Delivery[]>();
  const transmitter: Transmitter = {
    put: () => undefined,
    nextMs: delayed.nextMs,
    tell: (device, message, simMs) => hand(device, [message], { simMs, again: false }),
    send(device, delivery, simMs) {
      const network = networks[device]!;
      const { delayMs, copy } = network.perEdge === undefined ? journeyOf(mix, rng) : AT_ONCE;
      const messages = write(device, delayMs > 0 ? { ...delivery, late: true } : delivery, simMs);
      const { fCnt } = delivery;
      if (delayMs > 0) {
        count.late += 1;
        delayed.add(simMs + delayMs, { device, messages, fCnt, how: 'late' });
      } else hand(device, messages, { simMs, again: false });
      if (copy) {
        count.duplicates += 1;
        const elsewhere = copy.kind === 'other-gateway' && network.joins;
        const again = elsewhere ? network.up({ ...delivery, air: composer.airOf(device, simMs) }) : messages;
        delayed.add(simMs + delayMs + copy.afterMs, { device, messages: again, fCnt, how: 'copy' });
      }
      release(device, simMs);
    },
    keep(device, delivery) {
      const kept = backlogs.get(device);
      if (!kept) backlogs.set(device, [delivery]);
      else if (kept.push(delivery) > BACKLOG) kept.shift();
    },
    sendNext() {
      const simMs = Math.floor(delayed.nextMs());
      const { device, messages, fCnt, how } = delayed.take();
      hand(device, messages, { simMs, again: how === 'copy' });
      if (truth.on) truth.write(messageLine(devices[device]!.id, { fCnt, atMs: simMs, how }));
    },
  };
  function hand(device: number, messages: Message[], { simMs, again }: { simMs: number; again: boolean }): void {
    for (const message of messages) {
      count.published += 1;
      transmitter.put({ device, network: networks[device]!, message, atMs: simMs, again });
    }
  }
  /** Writes a delivery; where the network has a form for it, what was kept goes into the same message. */
  function write(device: number, delivery: Delivery, simMs: number): Message[] {
    const network = networks[device]!;
    const kept = backlogs.get(device);
    if (!kept || !network.batch) return network.up(delivery);
    backlogs.delete(device);
    for (const { fCnt } of kept) noteLate(device, fCnt, simMs);
    return network.batch([...kept, delivery]);
  }
  /** Elsewhere the newest comes first, then what was kept: out of order on purpose. */
  function release(device: number, simMs: number): void {
    const kept = backlogs.get(device);
    if (!kept) return;
    backlogs.delete(device);
    for (const delivery of kept) {
      noteLate(device, delivery.fCnt, simMs);
      hand(device, networks[device]!.up({ ...delivery, atMs: composer.wireMs(simMs) }), { simMs, again: false });
    }
  }
  function noteLate(device: number, fCnt: number, simMs: number): void {
    count.late += 1;
    if (truth.on) truth.write(messageLine(devices[device]!.id, { fCnt, atMs: simMs, how: 'backlog' }));
  }
  return transmitter;
}
