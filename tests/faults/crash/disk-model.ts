import type { Rng } from '@ronde/kit';
import type { DiskOp } from './trace.ts';

/** How the machine stops: the process is killed, or the power goes with nothing, or some, of what was not synced kept. */
export type Stop = 'kill' | 'power, all unsynced lost' | 'power, some unsynced kept';
export type Files = Map<string, Buffer>;

type Change = Extract<DiskOp, { kind: 'write' | 'truncate' }>;
interface Inode {
  now: Buffer;
  synced: Buffer;
  /** Since the last sync, in order. */
  changes: Change[];
}
const SECTOR_BYTES = 512;

/**
 * What a disk holds while operations come in. After a kill everything written is there. After a power cut a file holds
 * what it held at its last sync and any part of what was written since, in whole sectors; a name is there once the file
 * or its directory was synced, and a removal or a new name once the directory was.
 */
export function createDiskModel() {
  const names = new Map<string, Inode>();
  const syncedNames = new Map<string, Inode>();
  const syncDirectory = (dir: string): void => {
    const inside = (path: string): boolean => path.slice(0, path.lastIndexOf('/')) === dir;
    for (const path of [...syncedNames.keys()].filter(inside)) if (!names.has(path)) syncedNames.delete(path);
    for (const [path, inode] of names) if (inside(path)) syncedNames.set(path, inode);
  };
  const sync = (path: string): void => {
    const inode = names.get(path);
    if (!inode) return syncDirectory(path);
    inode.synced = inode.now;
    inode.changes = [];
    syncedNames.set(path, inode);
  };
  return {
    apply(op: DiskOp): void {
      if (op.kind === 'say') return;
      if (op.kind === 'sync') return sync(op.path);
      let inode = names.get(op.path);
      if (op.kind === 'remove') return void names.delete(op.path);
      if (op.kind === 'rename') {
        names.delete(op.path);
        if (inode) names.set(op.to, inode);
        return;
      }
      if (!inode) {
        inode = { now: Buffer.alloc(0), synced: Buffer.alloc(0), changes: [] };
        names.set(op.path, inode);
      }
      const change: Change | undefined =
        op.kind !== 'create' ? op : op.isEmptied ? { kind: 'truncate', path: op.path, size: 0 } : undefined;
      if (!change) return;
      inode.now = changed(inode.now, change);
      inode.changes.push(change);
    },
    /** What a start after this stop finds. */
    after(stop: Stop, rng: Rng): Files {
      if (stop === 'kill') return new Map([...names].map(([path, { now }]) => [path, now]));
      if (stop === 'power, all unsynced lost')
        return new Map([...syncedNames].map(([path, { synced }]) => [path, synced]));
      const files: Files = new Map();
      for (const path of new Set([...names.keys(), ...syncedNames.keys()])) {
        const inode = (rng.int(2) === 0 ? names : syncedNames).get(path);
        if (inode) files.set(path, partOf(inode, rng));
      }
      return files;
    },
  };
}

function partOf({ synced, changes }: Inode, rng: Rng): Buffer {
  let content = synced;
  for (const change of changes) {
    const chance = rng.int(3);
    if (chance === 0) continue;
    const isTorn = chance === 1 && change.kind === 'write';
    const sectors = isTorn ? rng.int(Math.ceil(change.data.length / SECTOR_BYTES)) : 0;
    content = changed(content, isTorn ? { ...change, data: change.data.subarray(0, sectors * SECTOR_BYTES) } : change);
  }
  return content;
}

function changed(content: Buffer, change: Change): Buffer {
  if (change.kind === 'truncate') {
    const grown = Buffer.alloc(change.size);
    content.copy(grown);
    return grown;
  }
  const grown = Buffer.alloc(Math.max(content.length, change.offset + change.data.length));
  content.copy(grown);
  change.data.copy(grown, change.offset);
  return grown;
}
