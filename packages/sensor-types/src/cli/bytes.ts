/** Reads hexadecimal digits (blanks allowed) as bytes; undefined when they are none. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, '');
  return /^([0-9a-fA-F]{2})*$/.test(digits) ? Uint8Array.from(Buffer.from(digits, 'hex')) : undefined;
}

/** Writes bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Iterable<number>): string {
  return Buffer.from([...bytes]).toString('hex');
}
