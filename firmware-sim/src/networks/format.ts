/** Network servers print nanoseconds. */
export function isoNanos(atMs: number, nanosOfMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, -1)}${String(nanosOfMs).padStart(6, '0')}Z`;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Sixteen hexadecimal digits that look random (two rounds of FNV-1a). */
export function digest(text: string): string {
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (let i = 0; i < text.length; i++) {
    high = Math.imul(high ^ text.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ text.charCodeAt(text.length - 1 - i), 0x811c9dc5) ^ (high >>> 15);
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** A UUID that belongs to a text. */
export function uuidOf(text: string): string {
  const digits = digest(text) + digest(`${text}/uuid`);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

/** Address of a device within a session. */
export function devAddrOf(deviceId: string, session: number): string {
  return digest(`${deviceId}/${session}`).slice(0, 8);
}

/** The number of a device as so many decimal digits behind a prefix. */
export function digitsOf(index: number, prefix: string, length: number): string {
  return prefix + String(index).padStart(length - prefix.length, '0');
}

/** A devEUI from a block that IEEE gives out for private use: bit 0x02 of the first byte says "locally administered". */
export function euiOf(index: number): string {
  return `72f0de${(index + 0x1000).toString(16).padStart(10, '0')}`;
}

/** SenML counts in seconds. */
export function secondsOf(ms: number): number {
  return Number((ms / 1000).toFixed(3));
}
