import { crc32 } from 'node:zlib';
import { RondeError } from '@ronde/contracts/errors';

const SUM_BYTES = 4;

/** Puts a checksum behind bytes: SQLite keeps none, and a flipped bit in packed numbers gives other numbers. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const checked = new Uint8Array(bytes.length + SUM_BYTES);
  checked.set(bytes);
  new DataView(checked.buffer).setUint32(bytes.length, crc32(bytes), true);
  return checked;
}

/**
 * Takes the checksum off and reads the bytes.
 * @throws RondeError STORE_CORRUPT when they are not what was written, or cannot be read
 */
export function readChecked<T>(checked: Uint8Array, what: string, read: (bytes: Uint8Array) => T): T {
  const bytes = checked.subarray(0, Math.max(0, checked.length - SUM_BYTES));
  const view = new DataView(checked.buffer, checked.byteOffset);
  const isWhole = checked.length >= SUM_BYTES && view.getUint32(bytes.length, true) === crc32(bytes);
  if (!isWhole) throw new RondeError('STORE_CORRUPT', `readings: ${what} is damaged; restore the last backup`);
  try {
    return read(bytes);
  } catch (cause) {
    throw new RondeError('STORE_CORRUPT', `readings: ${what} cannot be read`, { cause });
  }
}
