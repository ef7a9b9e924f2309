import {
  DeviceLabelFound,
  DeviceLabelInput,
  parseLorawanLabel,
  type LorawanLabel,
  type SensorTypeSummary,
} from '@ronde/contracts';
import { allow, refuse } from '@ronde/kit';
import { STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { shownDevice } from './device-records.ts';

const MAX_SUGGESTIONS = 20;

/** Adds the reading of labels: what a scanned or typed text says, and what is known of the device. */
export function addDeviceLabels({ http, registry, sensorTypes }: ApiDeps): void {
  http.post('/v1/device-labels', {
    preHandler: allow(...STAFF),
    schema: {
      summary: 'Read the text of a device label or QR code (LoRa Alliance TR005 and makers’ own forms); keeps nothing',
      body: DeviceLabelInput,
      response: { 200: DeviceLabelFound },
    },
    handler: async (request) => {
      const { tenant } = request.principal;
      const { text } = request.body;
      const parsed = parseLorawanLabel(text);
      if (!parsed.ok) {
        refuse(parsed.faults);
        throw new TypeError('a label without faults was refused');
      }
      const label = parsed.value;
      const { devEui } = label;
      const [device] = devEui === undefined ? [] : await registry.devices.all(tenant, { devEui });
      const heard = devEui === undefined || device ? [] : await registry.unknownDevices.all(tenant);
      const unknownDevice = heard.find(({ name }) => name === devEui);
      return {
        label,
        ...(device && { device: shownDevice(device) }),
        ...(unknownDevice && { unknownDevice }),
        suggestedTypeIds: device ? [device.typeId] : typesOf(label, text, sensorTypes.list()),
      };
    },
  });
}

/** Types of the label's maker, those whose model stands on the label first. */
function typesOf({ vendor }: LorawanLabel, text: string, types: readonly SensorTypeSummary[]): string[] {
  if (!vendor) return [];
  const said = plain(text);
  const isNamed = ({ model }: SensorTypeSummary): boolean => said.includes(plain(model));
  return types
    .filter((type) => type.id.startsWith(`${vendor.slug}-`))
    .sort((a, b) => Number(isNamed(b)) - Number(isNamed(a)) || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ id }) => id);
}

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
