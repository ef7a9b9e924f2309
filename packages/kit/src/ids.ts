import { randomBytes } from 'node:crypto';

/** Makes a UUIDv7 (RFC 9562 §5.7): sortable by time, unguessable in the rest. */
export function uuidv7(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Makes a short sortable id such as "rnd-0193f2…" that fits the id grammar. */
export function newId(prefix: string, nowMs: number): string {
  return `${prefix}-${nowMs.toString(36)}${randomBytes(5).toString('hex')}`;
}
