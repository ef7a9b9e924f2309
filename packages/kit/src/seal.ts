import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { RondeError } from '@ronde/contracts';

/** Encrypts small secrets that must be read again (network keys, device keys) before they reach a store. */
export interface Sealer {
  /** @param context what the secret belongs to (`device/{id}`): a sealed text opens only under the same one */
  seal(text: string, context: string): string;
  /** @throws RondeError STORE_CORRUPT when the text was sealed by another key, for another context, or was changed */
  open(sealed: string, context: string): string;
}

/** Contexts of what is sealed in the registry. */
export const sealContext = {
  device: (id: string): string => `device/${id}`,
  integration: (id: string): string => `integration/${id}`,
  follow: (id: string): string => `integration/${id}/follow`,
};

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 'v1.';

/** Creates a sealer: AES-256-GCM, the context as additional data (NIST SP 800-38D). @param key 32 bytes */
export function createSealer(key: Uint8Array): Sealer {
  if (key.length !== KEY_BYTES) throw new RondeError('CONFIG_INVALID', `a sealing key has ${KEY_BYTES} bytes`);
  return {
    seal(text, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return VERSION + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed, context) {
      try {
        if (!sealed.startsWith(VERSION)) throw new TypeError('no sealed text');
        const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
        const iv = bytes.subarray(0, IV_BYTES);
        const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
        const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context)).setAuthTag(tag);
        return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new RondeError(
          'STORE_CORRUPT',
          `the sealed secret of ${context} does not open: is it another seal-key?`,
          {
            cause,
          },
        );
      }
    },
  };
}
