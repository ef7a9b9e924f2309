import type { Uplink } from '@ronde/contracts';

/** What another platform read out of the same message, under the names its converters use (thingsboard/data-converters). */
const NAMES: Record<string, string[]> = {
  devEui: ['lora_dev_eui', 'devEui'],
  fPort: ['lora_frame_port', 'fPort', 'latestFPort'],
  fCnt: ['lora_frame_counter', 'fCnt'],
  rssi: ['lora_rssi', 'rssi'],
  snr: ['lora_snr', 'snr'],
  spreadingFactor: ['lora_spreading_factor', 'spreadingFactor', 'spreading_factor'],
};

/** How a second reader of the same messages compares. */
export interface Witness {
  /** Fields that both have. */
  compared: number;
  agreeing: number;
  disagreements: { line: number; file: string; field: string; ours: unknown; theirs: unknown }[];
}

/** Compares an uplink with a converter's result; what stands under a gateway's own name is not of the device. */
export function hearWitness(
  uplink: Uplink,
  result: unknown,
  witness: Witness,
  where: { line: number; file: string },
): void {
  const ours: Record<string, unknown> = {
    devEui: 'devEui' in uplink.device ? uplink.device.devEui : undefined,
    fPort: uplink.fPort,
    fCnt: uplink.fCnt,
    ...uplink.radio,
  };
  const theirs = fieldsIn(result);
  for (const [field, names] of Object.entries(NAMES)) {
    for (const name of names.filter((one) => theirs.has(one))) {
      const value = theirs.get(name);
      witness.compared += 1;
      if (String(value).toLowerCase() === String(ours[field])) witness.agreeing += 1;
      else witness.disagreements.push({ ...where, field, ours: ours[field] ?? null, theirs: value });
    }
  }
}

function fieldsIn(result: unknown): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  const [device] = Array.isArray(result) ? (result as unknown[]) : [result];
  const { attributes, telemetry } = (device ?? {}) as { attributes?: object; telemetry?: unknown };
  const groups = [
    attributes,
    ...(Array.isArray(telemetry) ? (telemetry as { values?: object }[]).map(({ values }) => values) : []),
  ];
  for (const group of groups) for (const [name, value] of Object.entries(group ?? {})) fields.set(name, value);
  return fields;
}
