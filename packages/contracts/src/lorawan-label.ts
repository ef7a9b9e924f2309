import { z } from 'zod';
import type { Fault, Result } from './errors.ts';

/** A maker of devices: `slug` begins the ids of its sensor types. */
export const LabelVendor = z.object({ slug: z.string(), name: z.string() });
export type LabelVendor = z.infer<typeof LabelVendor>;

/** What a device's label says; every part but the form may be absent. Hexadecimal is in lower case. */
export const LorawanLabel = z.object({
  /** How it was written: the LoRa Alliance's code, a draft of it, JSON, named fields, or bare digits. */
  form: z.enum(['tr005', 'tr005-draft', 'json', 'fields', 'bare']),
  devEui: z.string().optional(),
  joinEui: z.string().optional(),
  appKey: z.string().optional(),
  nwkKey: z.string().optional(),
  /** Number of the LoRa Alliance. */
  vendorId: z.number().int().optional(),
  profileId: z.number().int().optional(),
  ownerToken: z.string().optional(),
  serialNumber: z.string().optional(),
  proprietary: z.string().optional(),
  /** By vendor id, or by the first digits of the devEUI. */
  vendor: LabelVendor.optional(),
});
export type LorawanLabel = z.infer<typeof LorawanLabel>;

// LoRa Alliance "Vendor ID for QR Code" list and IEEE OUI registry, as far as we carry types of these makers
const VENDORS: readonly (LabelVendor & { id?: number; prefixes: readonly string[] })[] = [
  { slug: 'adeunis', name: 'Adeunis', id: 16, prefixes: ['0018b2'] },
  { slug: 'browan', name: 'Browan', id: 613, prefixes: ['58a0cb', 'e8e1e1'] },
  { slug: 'decentlab', name: 'Decentlab', id: 109, prefixes: ['70b3d57ba'] },
  { slug: 'dragino', name: 'Dragino', id: 676, prefixes: ['a84041'] },
  { slug: 'elsys', name: 'Elsys', id: 132, prefixes: ['a81758'] },
  { slug: 'enginko', name: 'enginko', id: 259, prefixes: [] },
  { slug: 'milesight', name: 'Milesight', id: 601, prefixes: ['24e124'] },
  { slug: 'netvox', name: 'Netvox', id: 289, prefixes: ['00137a'] },
  { slug: 'pepperl-fuchs', name: 'Pepperl+Fuchs', id: 783, prefixes: [] },
  { slug: 'rakwireless', name: 'RAKwireless', id: 570, prefixes: ['60c5a8', 'ac1f09'] },
  { slug: 'seeed', name: 'Seeed', id: 744, prefixes: ['2cf7f1'] },
  { slug: 'tektelic', name: 'Tektelic', id: 415, prefixes: ['647fda'] },
];

/** Finds the maker of a devEUI by its first digits. */
export function vendorOfDevEui(devEui: string): LabelVendor | undefined {
  return toVendor(VENDORS.find(({ prefixes }) => prefixes.some((prefix) => devEui.toLowerCase().startsWith(prefix))));
}

/**
 * Reads the text of a label or QR code, in any letter case and with text around it: the LoRa Alliance's `LW:D0:…`
 * (TR005 v1.0.0) and its drafts, JSON, named fields (`DevEUI=… AppKey: …`), or bare hexadecimal.
 */
export function parseLorawanLabel(text: string): Result<LorawanLabel> {
  const trimmed = text.replaceAll('\u0000', '').trim();
  if (trimmed === '') return refused([fault('text', 'is empty', 'scan the label again')]);
  if (trimmed.length > 2000) return refused([fault('text', 'is longer than any label', 'scan one label at a time')]);
  const read =
    fromTr005(trimmed) ?? fromDraft(trimmed) ?? fromJson(trimmed) ?? fromFields(trimmed) ?? fromBare(trimmed);
  if (!read.ok) return read;
  return { ok: true, value: withVendor(read.value) };
}

const REMEDY_SCAN = 'scan the label again, or type the 16 digits of its devEUI';

/** TR005 v1.0.0, §4: LW:D0:JoinEUI:DevEUI:ProfileID, then O, S, P and C fields in any order. */
function fromTr005(text: string): Result<LorawanLabel> | undefined {
  const found = /LW:D0:[^\s"'<>]*/i.exec(text)?.[0];
  if (found === undefined) return undefined;
  const [, , joinEui = '', devEui = '', profile = '', ...extensions] = found.split(':');
  const faults = identityFaults({ joinEui, devEui, profile });
  const label: LorawanLabel = { form: 'tr005', ...identityOf({ joinEui, devEui, profile }) };
  for (const extension of extensions.filter((part) => part.length > 1)) {
    const key = EXTENSIONS[extension[0]!.toUpperCase()];
    if (key === undefined) faults.push(fault('text', `has an unknown part ":${extension}"`, REMEDY_SCAN));
    else if (key !== 'checksum') label[key] = extension.slice(1);
    else faults.push(...checksumFaults(found, extension.slice(1)));
  }
  return faults.length > 0 ? refused(faults) : { ok: true, value: label };
}

const EXTENSIONS: Record<string, 'ownerToken' | 'serialNumber' | 'proprietary' | 'checksum' | undefined> = {
  O: 'ownerToken',
  S: 'serialNumber',
  P: 'proprietary',
  C: 'checksum',
};

/** TR005 v1.0.0, §4.2.5.5; the specification's example ends in AF2C by CRC-16/MODBUS of all that stands before `:C`. */
function checksumFaults(code: string, given: string): Fault[] {
  const covered = code.slice(0, code.search(/:C[^:]*$/i));
  const wanted = given.toUpperCase();
  // a QR code in alphanumeric mode is upper case; what a scanner or a person made of it may not be
  const matches = [covered, covered.toUpperCase()].some((part) => crc16(part) === wanted);
  return matches ? [] : [fault('checksum', `is ${given}, the text before it gives ${crc16(covered)}`, REMEDY_SCAN)];
}

/** CRC-16/MODBUS: polynomial 0x8005 reflected, start 0xFFFF. */
function crc16(text: string): string {
  let crc = 0xffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

/** Drafts 2 (`URN:LW:DP:a:b:c:%V…%S…%P…`) and 3 (`URN:DEV:LW:a_b_c_V…_S…_P…`) of TR005, still on labels; `URN:LWDP:` is Browan's. */
function fromDraft(text: string): Result<LorawanLabel> | undefined {
  const found = /URN:(?:LW:DP|DEV:LW|LWDP):([^\s"'<>]*)/i.exec(text)?.[1];
  if (found === undefined) return undefined;
  const [joinEui = '', devEui = '', profile = '', ...extensions] = found.replaceAll(/%25|%/g, '_').split(/[:_]+/);
  const isBrowan = /URN:LWDP:/i.test(text);
  const faults = identityFaults({ joinEui, devEui, profile: isBrowan ? '00000000' : profile });
  const label: LorawanLabel = { form: 'tr005-draft', ...identityOf({ joinEui, devEui, profile }) };
  if (isBrowan) label.proprietary = profile;
  for (const extension of isBrowan ? [] : extensions) {
    const value = extension.slice(1);
    const kind = extension[0]?.toUpperCase();
    if (value === '') continue;
    if (kind === 'V') label.ownerToken = value;
    if (kind === 'S') label.serialNumber = value;
    if (kind === 'P') label.proprietary = value;
  }
  return faults.length > 0 ? refused(faults) : { ok: true, value: label };
}

/** Names that makers give to the same things, without punctuation and case. */
const FIELD_NAMES: Record<string, keyof LorawanLabel | undefined> = {
  deveui: 'devEui',
  deviceeui: 'devEui',
  eui: 'devEui',
  joineui: 'joinEui',
  appeui: 'joinEui',
  applicationeui: 'joinEui',
  appkey: 'appKey',
  applicationkey: 'appKey',
  nwkkey: 'nwkKey',
  networkkey: 'nwkKey',
  sn: 'serialNumber',
  serial: 'serialNumber',
  serialnumber: 'serialNumber',
};

function fromJson(text: string): Result<LorawanLabel> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return fromEntries(
      'json',
      entries.map(([name, value]) => [name, String(value)] as const),
    );
  } catch {
    return undefined;
  }
}

// "DEV EUI = A8404…", "AppKey:55:72:…", "?SN=6136…": a name, one of = : or space, a value that may be grouped in bytes
const FIELD =
  /(dev(?:ice)?[ _-]?eui|join[ _-]?eui|app(?:lication)?[ _-]?eui|app(?:lication)?[ _-]?key|nwk[ _-]?key|network[ _-]?key|serial(?:[ _-]?n(?:umbe)?[ro]\.?)?|\bs\/?n\b)\s*[=:]?\s*((?:[0-9a-f]{2}[ :-]){7,15}[0-9a-f]{2}|[A-Za-z0-9-]+)/gi;

function fromFields(text: string): Result<LorawanLabel> | undefined {
  const entries = [...text.matchAll(FIELD)].map(([, name = '', value = '']) => [name, value] as const);
  return entries.length === 0 ? undefined : fromEntries('fields', entries);
}

const HEX_LENGTHS: Partial<Record<keyof LorawanLabel, number>> = { devEui: 16, joinEui: 16, appKey: 32, nwkKey: 32 };

function fromEntries(
  form: LorawanLabel['form'],
  entries: readonly (readonly [string, string])[],
): Result<LorawanLabel> | undefined {
  const values: Partial<Record<keyof LorawanLabel, string>> = {};
  const faults: Fault[] = [];
  for (const [name, value] of entries) {
    const plain = name.toLowerCase().replaceAll(/[^a-z]/g, '');
    const key = FIELD_NAMES[plain] ?? (plain.startsWith('serial') ? 'serialNumber' : undefined);
    if (key === undefined) continue;
    const length = HEX_LENGTHS[key];
    const digits = value.replaceAll(/[\s:-]/g, '').toLowerCase();
    if (length === undefined) values[key] = value;
    else if (isHex(digits, length)) values[key] = digits;
    else faults.push(fault(key, `"${value}" is not ${length} hexadecimal digits`, REMEDY_SCAN));
  }
  if (faults.length > 0) return refused(faults);
  // Milesight prints the devEUI as serial number where the model has no other
  const serial = values.serialNumber?.toLowerCase() ?? '';
  if (values.devEui === undefined && isHex(serial, 16) && vendorOfDevEui(serial)) values.devEui = serial;
  if (values.devEui === undefined && values.serialNumber === undefined) return undefined;
  return { ok: true, value: { form, ...values } as LorawanLabel };
}

/** Bare digits, as on Dragino's `serial;devEUI;joinEUI;appKey` or a devEUI typed by hand; two runs of a known maker's first digits decide. */
function fromBare(text: string): Result<LorawanLabel> {
  const grouped = text.replaceAll(/\b[0-9a-f]{2}(?:[ :-][0-9a-f]{2}){7,15}\b/gi, (run) => run.replaceAll(/[ :-]/g, ''));
  const words = grouped.split(/[^A-Za-z0-9-]+/).filter(Boolean);
  const [long, ...longs] = words.filter((word) => isHex(word, 32)).map((word) => word.toLowerCase());
  let euis = words.filter((word) => isHex(word, 16)).map((word) => word.toLowerCase());
  let appKey = long;
  // Seeed runs devEUI and joinEUI together
  if (euis.length === 0 && long !== undefined && vendorOfDevEui(long)) {
    euis = [long.slice(0, 16), long.slice(16)];
    appKey = longs[0];
  }
  const devEui = euis.find((eui) => vendorOfDevEui(eui)) ?? euis[0];
  if (devEui === undefined)
    return refused([fault('text', 'holds no devEUI (16 hexadecimal digits) in any form we know', REMEDY_SCAN)]);
  const joinEui = euis.find((eui) => eui !== devEui);
  const serialNumber = words.find((word) => !isHex(word, 16) && !isHex(word, 32) && /\d{5}/.test(word));
  return {
    ok: true,
    value: {
      form: 'bare',
      devEui,
      ...(joinEui !== undefined && { joinEui }),
      ...(appKey !== undefined && { appKey }),
      ...(serialNumber !== undefined && { serialNumber }),
    },
  };
}

interface IdentityText {
  joinEui: string;
  devEui: string;
  profile: string;
}

function identityFaults({ joinEui, devEui, profile }: IdentityText): Fault[] {
  const faults: Fault[] = [];
  if (!isHex(joinEui, 16)) faults.push(fault('joinEui', `"${joinEui}" is not 16 hexadecimal digits`, REMEDY_SCAN));
  if (!isHex(devEui, 16)) faults.push(fault('devEui', `"${devEui}" is not 16 hexadecimal digits`, REMEDY_SCAN));
  if (!isHex(profile, 8)) faults.push(fault('profileId', `"${profile}" is not 8 hexadecimal digits`, REMEDY_SCAN));
  return faults;
}

/** The first half of the profile is the maker's number, the second its own number for the profile (TR005 §4.2.4). */
function identityOf({ joinEui, devEui, profile }: IdentityText): Partial<LorawanLabel> {
  return {
    joinEui: joinEui.toLowerCase(),
    devEui: devEui.toLowerCase(),
    ...(isHex(profile, 8) && {
      vendorId: Number.parseInt(profile.slice(0, 4), 16),
      profileId: Number.parseInt(profile.slice(4), 16),
    }),
  };
}

function withVendor(label: LorawanLabel): LorawanLabel {
  const vendor =
    toVendor(VENDORS.find(({ id }) => id !== undefined && id === label.vendorId)) ??
    (label.devEui === undefined ? undefined : vendorOfDevEui(label.devEui));
  return vendor ? { ...label, vendor } : label;
}

function toVendor(found: LabelVendor | undefined): LabelVendor | undefined {
  return found && { slug: found.slug, name: found.name };
}

function isHex(text: string, length: number): boolean {
  return text.length === length && /^[0-9a-f]+$/i.test(text);
}

function fault(field: string, message: string, remedy: string): Fault {
  return { field, code: 'INPUT_INVALID', message, remedy };
}

function refused(faults: Fault[]): { ok: false; faults: Fault[] } {
  return { ok: false, faults };
}
