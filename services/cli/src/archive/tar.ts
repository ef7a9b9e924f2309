import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

const BLOCK = 512;
const CHUNK = 1024 * 1024;
const OCTAL_LIMIT = 8 ** 11;

/** What became of one file: its length and checksum as written or read. */
export interface Copied {
  bytes: number;
  sha256: string;
}
/** A file of an archive, to be copied or skipped before the next one is asked for. */
export interface TarEntry {
  name: string;
  bytes: number;
  read(): AsyncGenerator<Buffer>;
}

/** Writes files one after the other in the ustar form (POSIX.1-2017, pax), which every tar reads. */
export function createTarWriter(out: FileHandle, mtimeS: number) {
  const pad = async (bytes: number): Promise<void> => {
    const rest = bytes % BLOCK;
    if (rest > 0) await out.write(Buffer.alloc(BLOCK - rest));
  };
  return {
    async addFile(name: string, file: string): Promise<Copied> {
      const source = await open(file, 'r');
      try {
        const { size } = await source.stat();
        await out.write(header(name, size, mtimeS));
        const hash = createHash('sha256');
        for await (const chunk of piecesOf(source, { from: 0, bytes: size })) {
          hash.update(chunk);
          await out.write(chunk);
        }
        await pad(size);
        return { bytes: size, sha256: hash.digest('hex') };
      } finally {
        await source.close();
      }
    },
    async addText(name: string, text: string): Promise<void> {
      const bytes = Buffer.from(text);
      await out.write(header(name, bytes.length, mtimeS));
      await out.write(bytes);
      await pad(bytes.length);
    },
    /** Two empty blocks say that nothing was cut off. */
    end: async (): Promise<void> => void (await out.write(Buffer.alloc(2 * BLOCK))),
  };
}

/** Goes through an archive. @throws Error when it is not one, or is cut off */
export async function* readTar(source: FileHandle): AsyncGenerator<TarEntry> {
  const { size: total } = await source.stat();
  for (let at = 0; ;) {
    const block = Buffer.alloc(BLOCK);
    const { bytesRead } = await source.read(block, 0, BLOCK, at);
    if (bytesRead < BLOCK) throw new Error('the archive is cut off');
    if (block.every((byte) => byte === 0)) return;
    if (block.toString('latin1', 257, 262) !== 'ustar' || checksum(block) !== octal(block, 148, 8))
      throw new Error('this is no tar archive');
    const bytes = sizeOf(block);
    const from = at + BLOCK;
    if (from + bytes > total) throw new Error('the archive is cut off');
    const name = block.toString('utf8', 0, 100).replace(/\0.*$/s, '');
    yield { name, bytes, read: () => piecesOf(source, { from, bytes }) };
    at = from + Math.ceil(bytes / BLOCK) * BLOCK;
  }
}

async function* piecesOf(source: FileHandle, { from, bytes }: { from: number; bytes: number }): AsyncGenerator<Buffer> {
  for (let done = 0; done < bytes;) {
    const chunk = Buffer.alloc(Math.min(CHUNK, bytes - done));
    const { bytesRead } = await source.read(chunk, 0, chunk.length, from + done);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    yield chunk.subarray(0, bytesRead);
    done += bytesRead;
  }
}

function header(name: string, bytes: number, mtimeS: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const text = (value: string, at: number): void => void block.write(value, at, 'latin1');
  const number = (value: number, at: number, digits: number): void => text(value.toString(8).padStart(digits, '0'), at);
  text(name, 0);
  number(0o600, 100, 7);
  number(0, 108, 7);
  number(0, 116, 7);
  // larger than the octal field holds: base 256, as GNU tar and pax readers know it
  if (bytes < OCTAL_LIMIT) number(bytes, 124, 11);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(bytes), 128);
  }
  number(mtimeS, 136, 11);
  text('0', 156);
  text('ustar', 257);
  text('00', 263);
  number(checksum(block), 148, 6);
  return block;
}

/** Sum of the header's bytes with its own field read as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function octal(block: Buffer, at: number, length: number): number {
  return Number.parseInt(
    block
      .toString('latin1', at, at + length)
      .replace(/\0.*$/s, '')
      .trim(),
    8,
  );
}

function sizeOf(block: Buffer): number {
  return block[124] === 0x80 ? Number(block.readBigUInt64BE(128)) : octal(block, 124, 12);
}
