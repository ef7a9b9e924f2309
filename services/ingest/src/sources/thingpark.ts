import { z } from 'zod';
import { SOURCE_TOPICS, type DeviceName, type NetworkEvent, type Uplink } from '@ronde/contracts';
import { Eui, HexBytes, NumberLike, RadioNumber, SomeText, firstTime, lenient, lenientList, toMs } from './fields.ts';
import { accepted, fault, faultsOf, isRecord, malformed, told, type Parsed, type SourceParser } from './parsed.ts';
import { radioOf } from './radio.ts';
import { levelOf } from './status.ts';

const REMEDY = 'compare the message with the reports of the ThingPark tunnel interface (JSON)';
const Head = z.looseObject({ DevEUI: Eui, DevAddr: SomeText, Time: SomeText });
// "JSON untyped" and older versions write numbers as text
const Whole = NumberLike.pipe(z.number().int().min(0).max(0xffff_ffff)).nullish();
const Gateway = z.looseObject({ Lrrid: SomeText, LrrRSSI: RadioNumber, LrrSNR: RadioNumber });
const UplinkReport = Head.extend({
  FPort: Whole.pipe(z.number().max(255).nullish()),
  FCntUp: Whole,
  payload_hex: HexBytes,
  PayloadEncryption: RadioNumber,
  Late: RadioNumber,
  Lrrid: SomeText,
  LrrRSSI: RadioNumber,
  LrrSNR: RadioNumber,
  // XML turned into JSON makes a lone gateway an object
  Lrrs: lenient(z.looseObject({ Lrr: z.preprocess((one) => (isRecord(one) ? [one] : one), lenientList(Gateway)) })),
  SpFact: RadioNumber,
  BatteryLevel: RadioNumber,
  BatteryTime: SomeText,
});
type UplinkReport = z.infer<typeof UplinkReport>;
type About = Pick<NetworkEvent, 'source' | 'device' | 'atMs'>;

/** Reads Actility ThingPark's reports (HTTP tunnel, MQTT and IoT Flow), with their wrapper `{"DevEUI_…": …}` or without. */
export const thingpark: SourceParser = {
  source: 'thingpark',
  matches: (topic) => SOURCE_TOPICS['thingpark']!.test(topic),
  recognise: (message) => (isRecord(message) && reportOf(message) ? 'thingpark' : undefined),
  parse(message) {
    const found = isRecord(message) ? reportOf(message) : undefined;
    if (!found) return malformed([fault('DevEUI_uplink', 'is missing', REMEDY)]);
    const { name, report } = found;
    if (name === 'DevEUI_uplink') return readUplink(report);
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (!reader) return { kind: 'ignored', event: name };
    const head = Head.safeParse(report);
    if (!head.success) return malformed(faultsOf(head.error, REMEDY));
    const { DevEUI: devEui, Time: time } = head.data;
    return reader(report as Record<string, unknown>, {
      source: 'thingpark',
      device: { devEui },
      atMs: firstTime(time),
    });
  },
};

function reportOf(message: Record<string, unknown>): { name: string; report: unknown } | undefined {
  const name = Object.keys(message).find((key) => /^DevEUI_\w+$/.test(key));
  if (name !== undefined) return { name, report: message[name] };
  const isBare = 'DevEUI' in message && ['FCntUp', 'payload_hex', 'LrrRSSI'].some((field) => field in message);
  return isBare ? { name: 'DevEUI_uplink', report: message } : undefined;
}

function readUplink(report: unknown): Parsed {
  const read = UplinkReport.safeParse(report);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  if (read.data.PayloadEncryption === 1) {
    const remedy = 'give ThingPark the AppSKey of the device, or let it decrypt';
    return malformed([fault('payload_hex', 'is encrypted (PayloadEncryption is 1)', remedy)]);
  }
  return accepted([toUplink(read.data, { devEui: read.data.DevEUI })]);
}

function toUplink(report: UplinkReport, device: DeviceName): Uplink {
  const listed = report.Lrrs?.Lrr ?? [];
  const gateways = listed.length > 0 ? listed : [report];
  return {
    source: 'thingpark',
    device,
    session: report.DevAddr ?? '',
    fCnt: report.FCntUp ?? 0,
    fPort: report.FPort ?? 0,
    bytes: report.payload_hex,
    values: batteryOf(report),
    atMs: firstTime(report.Time),
    radio: radioOf(
      gateways.map(({ Lrrid, LrrRSSI, LrrSNR }) => ({ id: Lrrid, rssi: LrrRSSI, snr: LrrSNR })),
      { spreadingFactor: report.SpFact },
    ),
    ...(report.Late === 1 && { late: true }),
  };
}

/** The last DevStatusAns, repeated with every uplink. */
function batteryOf({ BatteryLevel: level, BatteryTime: time }: UplinkReport): Uplink['values'] {
  const { battery } = levelOf(level ?? 255);
  const atMs = toMs(time);
  return battery === null || atMs === undefined ? [] : [{ quantity: 'battery', value: battery, atMs }];
}

const Sent = z.looseObject({ FCntDn: RadioNumber, DeliveryStatus: RadioNumber, CorrelationID: SomeText });
const Notification = z.looseObject({ Type: z.string(), DevAddr: SomeText, Var1: RadioNumber, Var2: RadioNumber });
const Location = z.looseObject({
  DevLAT: NumberLike.pipe(z.number().min(-90).max(90)),
  DevLON: NumberLike.pipe(z.number().min(-180).max(180)),
  DevLocRadius: RadioNumber,
  DevLocTime: SomeText,
});

const READERS: Record<string, (report: Record<string, unknown>, about: About) => Parsed> = {
  DevEUI_downlink_Sent(report, about) {
    const read = Sent.safeParse(report);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const sent = read.data.DeliveryStatus === 1;
    return told(toDownlink(read.data, about, sent ? 'sent' : 'failed', sent ? null : causesOf(report)));
  },
  DevEUI_downlink_Rejected(report, about) {
    const read = Sent.safeParse(report);
    return read.success
      ? told(toDownlink(read.data, about, 'failed', causesOf(report)))
      : malformed(faultsOf(read.error, REMEDY));
  },
  DevEUI_notification(report, about) {
    const read = Notification.safeParse(report);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const { Type: type, DevAddr, Var1, Var2 } = read.data;
    if (type === 'join') return told({ ...about, kind: 'join', session: DevAddr ?? '' });
    // the counters begin anew under the same address: no session of its own
    if (type === 'reset') return told({ ...about, kind: 'join', session: '' });
    if (type !== 'devstatusans') return { kind: 'ignored', event: `notification ${type}`.slice(0, 100) };
    return told({ ...about, kind: 'status', ...levelOf(Var1 ?? 255), marginDb: Var2 ?? null });
  },
  DevEUI_location(report, about) {
    const read = Location.safeParse(report);
    if (!read.success) return malformed(faultsOf(read.error, REMEDY));
    const { DevLAT: lat, DevLON: lon, DevLocRadius: radius, DevLocTime: time } = read.data;
    return told({
      ...about,
      atMs: firstTime(time) ?? about.atMs,
      kind: 'location',
      lat,
      lon,
      accuracyM: radius || null,
    });
  },
};

function toDownlink(
  { FCntDn, CorrelationID }: z.infer<typeof Sent>,
  about: About,
  status: 'sent' | 'failed',
  detail: string | null,
): NetworkEvent {
  return { ...about, kind: 'downlink', status, correlationId: CorrelationID ?? null, fCntDown: FCntDn ?? null, detail };
}

/** Why each of the reception slots could not be used, by ThingPark's cause codes. */
function causesOf(report: Record<string, unknown>): string | null {
  const causes = Object.entries(report)
    .filter(([name, value]) => /Cause\d?$/.test(name) && typeof value === 'string' && value !== '' && value !== '00')
    .map(([name, value]) => `${name} ${String(value)}`);
  return causes.join(', ').slice(0, 500) || null;
}
