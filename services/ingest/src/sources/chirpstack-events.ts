import { z } from 'zod';
import type { NetworkEvent } from '@ronde/contracts';
import { Eui, RadioNumber, SomeText, firstTime, lenient } from './fields.ts';
import { fault, faultsOf, isRecord, malformed, told, type Parsed } from './parsed.ts';

const REMEDY = 'compare the message with "Event types" of ChirpStack\'s integrations';
const Flag = z.boolean().nullish().catch(undefined);
const Event = z.looseObject({
  deviceInfo: z.looseObject({ devEui: Eui.optional() }).optional(),
  devEUI: Eui.optional(),
  time: SomeText,
  devAddr: SomeText,
  queueItemId: SomeText,
  acknowledged: Flag,
  fCntDown: RadioNumber,
  // v3 names it fCnt
  fCnt: RadioNumber,
  margin: RadioNumber,
  externalPowerSource: Flag,
  batteryLevelUnavailable: Flag,
  batteryLevel: RadioNumber,
  location: lenient(z.looseObject({ latitude: RadioNumber, longitude: RadioNumber, accuracy: RadioNumber })),
  code: SomeText,
  description: SomeText,
  context: lenient(z.record(z.string(), z.unknown())),
});
type Event = z.infer<typeof Event>;
type About = Pick<NetworkEvent, 'source' | 'device' | 'atMs'>;

/** Reads an event of ChirpStack that is not an uplink. */
export function readChirpstackEvent(event: string, message: unknown): Parsed {
  const read = Event.safeParse(message);
  if (!read.success) return malformed(faultsOf(read.error, REMEDY));
  const devEui = read.data.deviceInfo?.devEui ?? read.data.devEUI;
  if (!devEui) return malformed([fault('deviceInfo.devEui', 'is missing', REMEDY)]);
  const about: About = { source: 'chirpstack', device: { devEui }, atMs: firstTime(read.data.time) };
  const news = toEvent(event, read.data, about);
  return news ? told(news) : { kind: 'ignored', event };
}

function toEvent(event: string, read: Event, about: About): NetworkEvent | undefined {
  if (event === 'join') return { ...about, kind: 'join', session: read.devAddr ?? '' };
  if (event === 'status') return toStatus(read, about);
  if (event === 'location') return toLocation(read, about);
  if (event === 'log') return toFailure(read, about);
  if (event !== 'ack' && event !== 'txack') return undefined;
  const base = {
    ...about,
    kind: 'downlink',
    correlationId: read.queueItemId ?? null,
    fCntDown: read.fCntDown ?? read.fCnt ?? 0,
  } as const;
  if (event === 'txack') return { ...base, status: 'sent', detail: null };
  // proto3 leaves false out
  return read.acknowledged === true
    ? { ...base, status: 'acknowledged', detail: null }
    : { ...base, status: 'failed', detail: 'the device did not acknowledge it' };
}

function toStatus({ margin, batteryLevel, ...read }: Event, about: About): NetworkEvent | undefined {
  const externalPower = read.externalPowerSource === true;
  // an empty battery still reports 1 of 254: no level at all means that the device does not know it
  const battery = externalPower || read.batteryLevelUnavailable === true || !batteryLevel ? null : batteryLevel / 100;
  return { ...about, kind: 'status', battery, externalPower, marginDb: margin ?? 0 };
}

function toLocation({ location }: Event, about: About): NetworkEvent | undefined {
  const { latitude: lat = 0, longitude: lon = 0, accuracy } = location ?? {};
  if (!location || lat === null || lon === null || Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return { ...about, kind: 'location', lat, lon, accuracyM: accuracy || null };
}

/** A log of a queue item that ChirpStack gave up: too large, expired, refused by the gateway. */
function toFailure(read: Event, about: About): NetworkEvent | undefined {
  const item = isRecord(read.context) ? read.context['queue_item_id'] : undefined;
  if (typeof item !== 'string') return undefined;
  const detail = [read.code, read.description].filter(Boolean).join(': ') || null;
  return { ...about, kind: 'downlink', status: 'failed', correlationId: item, fCntDown: null, detail };
}
