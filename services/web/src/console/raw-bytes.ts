/** Reads base64 into bytes; undefined when it is none. */
export function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Writes bytes as hex in groups of two: "01 6f ff". */
export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

const TAB = 9;
const CARRIAGE_RETURN = 13;
/** Control characters other than the white space among them never stand in text. */
const isControl = (byte: number): boolean => byte < TAB || (byte > CARRIAGE_RETURN && byte < 32);

/** Reads bytes as UTF-8 text when they are text all through; undefined when they are not. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return bytes.some(isControl) ? undefined : text;
  } catch {
    return undefined;
  }
}
