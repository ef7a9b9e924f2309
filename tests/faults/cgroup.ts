import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const PERIOD_US = 100_000;

/** A group of processes with less memory or processor time than the machine has. */
export interface Cgroup {
  /** What to run a process with, so that it begins in the group. */
  prefix: readonly string[];
  /** How often the kernel ended a process of the group for want of memory. */
  oomKills(): number;
  /** Most memory so far [MB], page cache included. */
  peakMb(): number | undefined;
  /** How many periods it stood still for want of processor time. */
  throttled(): number;
  remove(): void;
}

/** Limits of a group. */
export interface Limits {
  memoryMb?: number;
  /** Share of one processor. */
  cpus?: number;
}

/** Makes a group under cgroups of version 1 or 2; undefined where this process may not. */
export function createCgroup(limits: Limits): Cgroup | undefined {
  const name = `ronde-fault-${process.pid}-${Date.now()}`;
  const isUnified = existsSync(join(ROOT, 'cgroup.controllers'));
  const dirs = isUnified
    ? [join(ROOT, name)]
    : [...(limits.memoryMb ? ['memory'] : []), ...(limits.cpus ? ['cpu'] : [])].map((one) => join(ROOT, one, name));
  const prefix = ['sh', '-c', `${dirs.map((dir) => `echo $$ > ${dir}/cgroup.procs && `).join('')}exec "$@"`, 'sh'];
  try {
    dirs.forEach((dir) => mkdirSync(dir));
    for (const [file, value] of isUnified ? unified(limits) : legacy(limits))
      writeFileSync(
        join(
          dirs.find((dir) => existsSync(join(dir, file)))!,
          file,
        ),
        value,
      );
    // a group may be made where nothing may be moved into it
    execFileSync(prefix[0]!, [...prefix.slice(1), 'true'], { stdio: 'ignore' });
  } catch {
    dirs.filter((dir) => existsSync(dir)).forEach((dir) => rmdirSync(dir));
    return undefined;
  }
  const read = (file: string): string | undefined => {
    const dir = dirs.find((one) => existsSync(join(one, file)));
    return dir && readFileSync(join(dir, file), 'utf8');
  };
  const fact = (file: string, key: string): number =>
    Number(new RegExp(`^${key} (\\d+)`, 'm').exec(read(file) ?? '')?.[1] ?? 0);
  const peak = (): string | undefined => read(isUnified ? 'memory.peak' : 'memory.max_usage_in_bytes');
  return {
    prefix,
    oomKills: () => fact(isUnified ? 'memory.events' : 'memory.oom_control', 'oom_kill'),
    peakMb: () => (peak() === undefined ? undefined : Number(peak()) / 1024 ** 2),
    throttled: () => fact('cpu.stat', 'nr_throttled'),
    remove: () => dirs.forEach((dir) => rmdirSync(dir)),
  };
}

function unified({ memoryMb, cpus }: Limits): [string, string][] {
  return [
    ...(memoryMb
      ? [['memory.max', `${memoryMb}M`] as [string, string], ['memory.swap.max', '0'] as [string, string]]
      : []),
    ...(cpus ? [['cpu.max', `${cpus * PERIOD_US} ${PERIOD_US}`] as [string, string]] : []),
  ];
}

function legacy({ memoryMb, cpus }: Limits): [string, string][] {
  return [
    ...(memoryMb ? [['memory.limit_in_bytes', `${memoryMb}M`] as [string, string]] : []),
    ...(cpus ? [['cpu.cfs_quota_us', String(cpus * PERIOD_US)] as [string, string]] : []),
  ];
}
