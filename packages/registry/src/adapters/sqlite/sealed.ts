import { crc32 } from 'node:zlib';
import { RondeError } from '@ronde/contracts/errors';

/*
 * SQLite keeps no checksums, and a flipped bit in a document is another document. So its checksum, which covers its tenant and
 * id too, stands behind the JSON as white space: a space is a 0, a tab is a 1. Readers of JSON do not see it, older versions
 * among them; what they write has none, and is read unchecked as before.
 */
const BITS = 32;
const SEAL = /[ \t]{32}$/;

/** Puts the checksum of a document behind it. */
export function seal(tenant: string, id: string, doc: string): string {
  return doc + asSpaces(sumOf(tenant, id, doc));
}

/**
 * Takes the checksum off.
 * @throws RondeError STORE_CORRUPT when the document is not what was stored under this id
 */
export function unseal(place: { kind: string; tenant: string; id: string }, stored: string): string {
  const { kind, tenant, id } = place;
  if (!SEAL.test(stored)) {
    if (/[}\]"\w]$/.test(stored)) return stored;
    throw damaged(kind, id);
  }
  const doc = stored.slice(0, -BITS);
  if (stored.slice(-BITS) !== asSpaces(sumOf(tenant, id, doc))) throw damaged(kind, id);
  return doc;
}

function damaged(kind: string, id: string): RondeError {
  return new RondeError('STORE_CORRUPT', `registry: "${id}" of ${kind} is damaged; restore the last backup`);
}

function sumOf(tenant: string, id: string, doc: string): number {
  return crc32(doc, crc32(`${tenant}\n${id}\n`));
}

function asSpaces(sum: number): string {
  return sum.toString(2).padStart(BITS, '0').replaceAll('0', ' ').replaceAll('1', '\t');
}
