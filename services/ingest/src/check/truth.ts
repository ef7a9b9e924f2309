/**
 * Where each network's documents say that a message carries what, as paths. This is the other half of a comparison: it
 * shares no code with the readers, not even how a time or an EUI is read, so that a mistake in one shows in the other.
 */
interface Places {
  devEui: string[];
  fPort: string;
  fCnt: string;
  bytes: { path: string; encoding: 'hex' | 'base64' };
  /** The first that is present counts: the network server's own clock, then others. */
  time: string[];
  /** Lists of gateways, or the message itself where it names one only; the first that is present counts. */
  gateways: string[];
  rssi: string;
  snr: string[];
  /** Proto3 JSON leaves zeros out. */
  proto3?: true;
}

const CHIRPSTACK: Places = {
  devEui: ['deviceInfo.devEui', 'devEUI'],
  fPort: 'fPort',
  fCnt: 'fCnt',
  bytes: { path: 'data', encoding: 'base64' },
  time: ['time', 'rxInfo.0.nsTime', 'rxInfo.0.time', 'rxInfo.0.gwTime'],
  gateways: ['rxInfo'],
  rssi: 'rssi',
  snr: ['snr', 'loRaSNR'],
  proto3: true,
};
const PLACES: Record<string, Places> = {
  'things-stack': {
    devEui: ['end_device_ids.dev_eui'],
    fPort: 'uplink_message.f_port',
    fCnt: 'uplink_message.f_cnt',
    bytes: { path: 'uplink_message.frm_payload', encoding: 'base64' },
    time: ['uplink_message.received_at', 'received_at', 'uplink_message.settings.time'],
    gateways: ['uplink_message.rx_metadata'],
    rssi: 'rssi',
    snr: ['snr'],
    proto3: true,
  },
  chirpstack: CHIRPSTACK,
  http: CHIRPSTACK,
  thingpark: {
    devEui: ['DevEUI_uplink.DevEUI', 'DevEUI'],
    fPort: 'DevEUI_uplink.FPort',
    fCnt: 'DevEUI_uplink.FCntUp',
    bytes: { path: 'DevEUI_uplink.payload_hex', encoding: 'hex' },
    time: ['DevEUI_uplink.Time'],
    gateways: ['DevEUI_uplink.Lrrs.Lrr', 'DevEUI_uplink'],
    rssi: 'LrrRSSI',
    snr: ['LrrSNR'],
  },
  loriot: {
    devEui: ['EUI'],
    fPort: 'port',
    fCnt: 'fcnt',
    bytes: { path: 'data', encoding: 'hex' },
    time: ['ts'],
    gateways: ['gws', ''],
    rssi: 'rssi',
    snr: ['snr'],
  },
};

/** What a message holds by its network's documents; undefined members are not in it. */
export interface Truth {
  devEui: string | undefined;
  fPort: number;
  fCnt: number;
  bytesHex: string;
  timeMs: number | undefined;
  /** Of the gateway that heard best. */
  rssi: number | undefined;
  snr: number | undefined;
  /** False when nothing of an uplink is in it: an event that came with the uplinks. */
  isUplink: boolean;
}

/** Reads what a message of a family holds; undefined for a family without documents here. */
export function truthOf(family: string, message: unknown): Truth | undefined {
  const places = Object.hasOwn(PLACES, family) ? PLACES[family] : undefined;
  if (!places) return undefined;
  const whole =
    places === PLACES['thingpark'] && at(message, 'DevEUI_uplink') === undefined ? { DevEUI_uplink: message } : message;
  const first = (paths: string[]): unknown => paths.map((path) => at(whole, path)).find((value) => value != null);
  const bytes = at(whole, places.bytes.path);
  const held = [at(whole, places.fPort), at(whole, places.fCnt), bytes, first(places.gateways.filter(Boolean))];
  return {
    devEui: euiOf(first(places.devEui)),
    fPort: Number(at(whole, places.fPort) ?? 0),
    fCnt: Number(at(whole, places.fCnt) ?? 0),
    bytesHex: Buffer.from(String(bytes ?? ''), places.bytes.encoding).toString('hex'),
    timeMs: places.time.map((path) => momentOf(at(whole, path))).find((ms) => ms !== undefined),
    ...bestOf(first(places.gateways), places),
    isUplink: held.some((value) => value !== undefined),
  };
}

function at(message: unknown, path: string): unknown {
  if (path === '') return message;
  return path.split('.').reduce<unknown>((node, key) => {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    return (node as Record<string, unknown>)[key];
  }, message);
}

function bestOf(listed: unknown, { rssi, snr, proto3 }: Places): Pick<Truth, 'rssi' | 'snr'> {
  const heard = (Array.isArray(listed) ? listed : [listed])
    .map((gateway: unknown) => ({
      rssi: numberOf(at(gateway, rssi)),
      snr: numberOf(snr.map((name) => at(gateway, name)).find((value) => value != null)) ?? (proto3 ? 0 : undefined),
    }))
    .filter((gateway) => gateway.rssi !== undefined);
  return (
    heard.sort((a, b) => b.rssi! - a.rssi! || (b.snr ?? 0) - (a.snr ?? 0))[0] ?? { rssi: undefined, snr: undefined }
  );
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** 16 digits, or the 8 bytes in base64 as ChirpStack v3 writes them. */
function euiOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.length === 12 ? Buffer.from(value, 'base64').toString('hex') : value.toLowerCase().replaceAll('-', '');
}

/** Milliseconds, cut; a gateway writes "2020-0327T12:39:05.547336Z", so the digits of the date are counted, not its dashes. */
function momentOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const [date = '', clock = ''] = value.split(/[T ]/);
  const digits = date.replaceAll('-', '');
  const [, hours, minutes, seconds, fraction = '', zone = ''] =
    /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(.*)$/.exec(clock) ?? [];
  if (digits.length !== 8 || hours === undefined) return undefined;
  const [, sign = '+', zoneHours = '0', zoneMinutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offsetMin = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 60 + Number(zoneMinutes));
  return Date.UTC(
    Number(digits.slice(0, 4)),
    Number(digits.slice(4, 6)) - 1,
    Number(digits.slice(6)),
    Number(hours),
    Number(minutes) - offsetMin,
    Number(seconds),
    Number(`${fraction}000`.slice(0, 3)),
  );
}
