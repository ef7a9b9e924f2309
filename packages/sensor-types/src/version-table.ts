import { createHash } from 'node:crypto';
import type { TypeVersionStatus } from '@ronde/contracts';
import type { LoadedType } from './read-type.ts';

/** A version that was published here, beside those that lie in folders. */
export interface PublishedType {
  type: LoadedType;
  status: TypeVersionStatus;
  /** Share of devices that use it while it is a canary, percent. */
  canaryPercent: number;
}

/** What reads a device's uplinks at this moment. */
export interface ChosenVersion {
  type: LoadedType;
  canary: boolean;
}

/** All versions of all types, and which of them is used for whom. */
export interface VersionTable {
  /** Gives the active version, or the named one whatever its status. */
  get(id: string, version?: string): LoadedType | undefined;
  /** Gives the version for a device: always the same one while the versions stay as they are. */
  choose(id: string, deviceId: string): ChosenVersion | undefined;
  /** The active version of each type that has one. */
  active(): readonly LoadedType[];
  /** Versions of a type that lie in folders, the newest first. */
  inFolders(id: string): readonly LoadedType[];
  /** Puts the published versions of a type in the place of those before. */
  setPublished(id: string, versions: readonly PublishedType[]): void;
}

interface Entry {
  folders: readonly LoadedType[];
  published: readonly PublishedType[];
  active: LoadedType | undefined;
  canary: PublishedType | undefined;
}

/**
 * Creates the table. Active is the published version that says so, else the newest that lies in a folder; a canary is
 * used for its share of the devices.
 */
export function createVersionTable(folders: readonly LoadedType[]): VersionTable {
  const entries = new Map<string, Entry>();
  for (const [id, types] of Map.groupBy(folders, ({ manifest }) => manifest.id))
    entries.set(id, toEntry(types.toSorted(newestFirst), []));
  let active: LoadedType[] | undefined;
  return {
    get(id, version) {
      const entry = entries.get(id);
      if (version === undefined) return entry?.active;
      const published = entry?.published.find(({ type }) => type.manifest.version === version);
      return published?.type ?? entry?.folders.find(({ manifest }) => manifest.version === version);
    },
    choose(id, deviceId) {
      const entry = entries.get(id);
      const { canary } = entry ?? {};
      if (canary && canaryBucket(canary.type, deviceId) < canary.canaryPercent)
        return { type: canary.type, canary: true };
      return entry?.active && { type: entry.active, canary: false };
    },
    active: () => (active ??= [...entries.values()].flatMap((entry) => entry.active ?? [])),
    inFolders: (id) => entries.get(id)?.folders ?? [],
    setPublished(id, versions) {
      entries.set(id, toEntry(entries.get(id)?.folders ?? [], versions));
      active = undefined;
    },
  };
}

/**
 * Gives a device's place among the canaries of a version, 0 to 100: below the version's share it uses it. The version
 * counts too, so that not the same devices try everything first.
 */
export function canaryBucket({ manifest }: Pick<LoadedType, 'manifest'>, deviceId: string): number {
  const hash = createHash('sha256').update(`${manifest.id}@${manifest.version} ${deviceId}`).digest();
  return (hash.readUInt32BE(0) / 2 ** 32) * 100;
}

function toEntry(folders: readonly LoadedType[], published: readonly PublishedType[]): Entry {
  const active = published.find(({ status }) => status === 'active')?.type ?? folders[0];
  return { folders, published, active, canary: published.find(({ status }) => status === 'canary') };
}

/** Orders versions by their numbers, the highest first. */
export function newestFirst(a: Pick<LoadedType, 'manifest'>, b: Pick<LoadedType, 'manifest'>): number {
  return compareVersions(b.manifest.version, a.manifest.version);
}

/** Orders two versions by their three numbers: negative when the first is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number));
  return [0, 1, 2].map((i) => (left![i] ?? 0) - (right![i] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
