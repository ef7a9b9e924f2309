import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET_BYTES = 24;

/** Makes a secret of 192 random bits, base64url. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** Gives what is kept of a secret: SHA-256, hexadecimal (192 random bits need no slow hash). */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Tells whether a secret belongs to a kept hash, in the same time for every wrong one. */
export function verifySecret(secret: string, hash: string): boolean {
  const kept = Buffer.from(hash, 'hex');
  const given = createHash('sha256').update(secret).digest();
  return kept.length === given.length && timingSafeEqual(kept, given);
}
