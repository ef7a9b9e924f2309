import type { Source } from '@ronde/contracts';
import type { City } from '../city/model.ts';
import type { SimLog } from '../clock.ts';
import type { Network, NetworkId } from '../networks/model.ts';
import { joinCarriers } from './carriers.ts';
import type { Carrier, SimCredentials } from './carrier.ts';
import { openFileCarrier } from './file-carrier.ts';
import { openHttpCarrier } from './http-carrier.ts';
import { openMqttCarrier } from './mqtt-carrier.ts';

export interface CarrierOptions {
  city: Pick<City, 'devices'>;
  networks: Record<NetworkId, Network>;
  mqttUrl: string;
  httpUrl?: string | undefined;
  outFile?: string | undefined;
  credentials: SimCredentials;
  connectionsPerIntegration?: number;
  log?: SimLog | undefined;
}

/** Opens the connections that the networks of a city's devices need. */
export function openCarrier(options: CarrierOptions): Carrier {
  const { city, networks, credentials, log } = options;
  if (options.outFile !== undefined) return openFileCarrier(options.outFile, city.devices);
  const used = [...new Set(city.devices.map(({ link }) => link))].map((link) => networks[link]);
  const sourcesOf = (transport: Network['transport']): Source[] => [
    ...new Set(used.filter((network) => network.transport === transport).map(({ source }) => source)),
  ];
  const mqtt = sourcesOf('mqtt');
  const http = sourcesOf('http');
  return joinCarriers({
    mqtt:
      mqtt.length === 0
        ? undefined
        : openMqttCarrier({
            url: options.mqttUrl,
            devices: city.devices,
            credentials,
            sources: mqtt,
            ...(options.connectionsPerIntegration !== undefined && {
              perIntegration: options.connectionsPerIntegration,
            }),
            log,
          }),
    http:
      http.length === 0 || options.httpUrl === undefined
        ? undefined
        : openHttpCarrier({ url: options.httpUrl, credentials, sources: http, log }),
  });
}
