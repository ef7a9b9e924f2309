import type { Source } from '@ronde/contracts';
import type { CityDevice } from '../city/model.ts';
import type { SimLog } from '../clock.ts';
import type { Posting } from '../devices/engine.ts';
import { createWindow, type Carrier, type SimCredentials } from './carrier.ts';
import { openWire, type Wire } from './wire.ts';

export interface MqttCarrierOptions {
  url: string;
  devices: readonly CityDevice[];
  credentials: SimCredentials;
  /** Sources that publish over MQTT. */
  sources: readonly Source[];
  /** Connections of each integration; a device keeps to one of them. */
  perIntegration?: number;
  log?: SimLog | undefined;
}

/** Unacknowledged messages beyond which the simulation waits. */
const WINDOW = 2_000;

/**
 * Opens the MQTT connections: a few for each network server, which carry all its devices, and one for each own device
 * that has a secret; own devices without one go through the native integration where there is one.
 */
export function openMqttCarrier(options: MqttCarrierOptions): Carrier {
  const { url, devices, credentials, sources, perIntegration = 1, log } = options;
  const window = createWindow(WINDOW);
  const count = { acked: 0, failed: 0 };
  const shared = new Map<Source, Wire[]>();
  for (const source of sources) {
    const credential = credentials.integrations[source];
    if (!credential) continue;
    const wires = Array.from({ length: perIntegration }, (_, index) =>
      openWire({
        url,
        clientId: `ronde-sim-${credential.id}${index > 0 ? `-${index}` : ''}`,
        username: `integration:${credential.id}`,
        password: credential.secret,
        log,
      }),
    );
    shared.set(source, wires);
  }
  const own = new Map<string, Wire>();
  for (const { id, link } of devices) {
    const password = credentials.devices[id];
    if (link.startsWith('native') && password !== undefined)
      own.set(id, openWire({ url, clientId: id, username: id, password, log }));
  }
  const wireOf = ({ device, network }: Posting): Wire | undefined => {
    const mine = network.source === 'native' ? own.get(devices[device]!.id) : undefined;
    const lane = Math.floor(device / (network.perEdge ?? 1)) % perIntegration;
    return mine ?? shared.get(network.source)?.[lane];
  };
  const all = (): Wire[] => [...[...shared.values()].flat(), ...own.values()];
  return {
    send(posting) {
      const wire = wireOf(posting);
      if (!wire) return void (count.failed += 1);
      window.begin();
      const { to, body } = posting.message;
      // the DUP flag belongs to the connection on which the first copy went
      const dup = posting.again && own.has(devices[posting.device]!.id);
      void wire.publish(to, body, { dup }).then((isAcked) => {
        count[isAcked ? 'acked' : 'failed'] += 1;
        window.end();
      });
    },
    room: window.room,
    drained: () => window.below(1),
    async ready(timeoutMs) {
      const integrations = [...shared.values()].flat();
      const [first] = [...own.values()];
      await Promise.all(
        (integrations.length > 0 || !first ? integrations : [first]).map((wire) => wire.ready(timeoutMs)),
      );
    },
    stats: () => ({
      ...count,
      waiting: window.waiting(),
      connections: all().length,
      connected: all().filter(({ connected }) => connected).length,
    }),
    close: async () => void (await Promise.all(all().map((wire) => wire.close()))),
  };
}
