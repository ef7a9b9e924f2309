import type { Posting } from '../devices/engine.ts';
import type { Carrier, CarrierStats } from './carrier.ts';

/** Joins the carriers of both transports; a message goes with the one of its network. */
export function joinCarriers(carriers: { mqtt?: Carrier | undefined; http?: Carrier | undefined }): Carrier {
  const all = [carriers.mqtt, carriers.http].filter((carrier) => carrier !== undefined);
  const each = async (run: (carrier: Carrier) => Promise<void>): Promise<void> =>
    void (await Promise.all(all.map(run)));
  return {
    send: (posting: Posting) => carriers[posting.network.transport]?.send(posting),
    room() {
      const rooms = all.flatMap((carrier) => carrier.room() ?? []);
      return rooms.length === 0 ? undefined : Promise.all(rooms).then(() => undefined);
    },
    drained: () => each((carrier) => carrier.drained()),
    ready: (timeoutMs) => each((carrier) => carrier.ready(timeoutMs)),
    close: () => each((carrier) => carrier.close()),
    stats: () =>
      all
        .map((carrier) => carrier.stats())
        .reduce(added, { acked: 0, failed: 0, waiting: 0, connections: 0, connected: 0 }),
  };
}

function added(a: CarrierStats, b: CarrierStats): CarrierStats {
  return {
    acked: a.acked + b.acked,
    failed: a.failed + b.failed,
    waiting: a.waiting + b.waiting,
    connections: a.connections + b.connections,
    connected: a.connected + b.connected,
  };
}
