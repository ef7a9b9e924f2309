import { RondeError } from '@ronde/contracts';
import { openDirectoryTarget } from './directory-target.ts';
import { openS3Target } from './s3-target.ts';

/** Keys of an S3-compatible store. */
export interface S3Credentials {
  accessKey: string;
  secretKey: string;
  region: string;
}

/** Folder of what is not a frame. */
export const NOTES = 'erasures';

/** The second place: objects in folders, one folder (line) for each inbox. Every call may reject; retrying is safe. */
export interface ShipTarget {
  /** Folders that hold segments. */
  lines(): Promise<string[]>;
  /** Names in a line, in ascending order. */
  names(line: string): Promise<string[]>;
  /** Writes an object whole or not at all, in place of one of the same name; durable when it resolves. */
  put(line: string, name: string, bytes: Uint8Array): Promise<void>;
  get(line: string, name: string): Promise<Uint8Array>;
  /** Removes an object; one that is not there is no fault. */
  remove(line: string, name: string): Promise<void>;
}

/** Opens `file:/path` or `s3+https://endpoint/bucket/prefix`. @throws RondeError CONFIG_INVALID */
export function openTarget(url: string, s3: Partial<S3Credentials> = {}): ShipTarget {
  if (url.startsWith('file:')) return openDirectoryTarget(url.replace(/^file:(\/\/)?/, ''));
  const { accessKey, secretKey, region = 'us-east-1' } = s3;
  if (!/^s3\+https?:\/\/[^/]+\/[^/]+/.test(url))
    throw new RondeError(
      'CONFIG_INVALID',
      'INBOX_SHIP_URL is neither file:/path nor s3+https://endpoint/bucket/prefix',
    );
  if (!accessKey || !secretKey)
    throw new RondeError(
      'CONFIG_INVALID',
      'INBOX_SHIP_URL names an S3 store, which needs S3_ACCESS_KEY and S3_SECRET_KEY',
    );
  return openS3Target(url.slice('s3+'.length), { accessKey, secretKey, region });
}
