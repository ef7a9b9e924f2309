/** What a process did to its files, and what it said, in the order in which the kernel did it. */
export type DiskOp =
  | { kind: 'create'; path: string; isEmptied: boolean }
  | { kind: 'write'; path: string; offset: number; data: Buffer }
  | { kind: 'truncate'; path: string; size: number }
  | { kind: 'sync'; path: string }
  | { kind: 'remove'; path: string }
  | { kind: 'rename'; path: string; to: string }
  | { kind: 'say'; line: string };

/** System calls that change files or make them durable. */
export const TRACED =
  'openat,write,pwrite64,writev,pwritev,fdatasync,fsync,sync_file_range,ftruncate,unlink,unlinkat,rename,renameat,renameat2';

interface Call {
  name: string;
  args: string;
  result: string;
}

/** Reads what `strace -f -y -xx` wrote of the files under a directory, and of standard output. */
export function readTrace(text: string, dir: string): DiskOp[] {
  const ops: DiskOp[] = [];
  const positions = new Map<number, number>();
  const isOurs = (path: string): boolean => path === dir || (path.startsWith(`${dir}/`) && !path.endsWith('-shm'));
  for (const call of callsOf(text)) {
    const op = toOp(call, positions);
    if (op && (op.kind === 'say' || isOurs(op.path))) ops.push(op);
  }
  return ops;
}

/** Puts calls that other threads interrupted together again; a call counts when it ended, and only when it worked. */
function* callsOf(text: string): Generator<Call> {
  const begun = new Map<string, string>();
  for (const line of text.split('\n')) {
    const gap = line.indexOf(' ');
    const thread = line.slice(0, gap);
    let rest = line.slice(gap + 1).trimStart();
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(thread, rest.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    if (rest.startsWith('<... ')) {
      rest = `${begun.get(thread) ?? ''}${rest.slice(rest.indexOf('>') + 1)}`;
      begun.delete(thread);
    }
    const equals = rest.lastIndexOf(' = ');
    const open = rest.indexOf('(');
    if (equals < 0 || open < 0) continue;
    const result = rest.slice(equals + 3);
    if (result.startsWith('-') || result.startsWith('?')) continue;
    yield {
      name: rest.slice(0, open),
      args: rest.slice(open + 1, rest.slice(0, equals).trimEnd().length - 1),
      result,
    };
  }
}

const unhex = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex');
const handleOf = (text: string): { fd: number; path: string } => {
  const [, fd, path] = /^(\d+)<([^>]*)>/.exec(text) ?? [];
  return { fd: Number(fd), path: unhex(path ?? '').toString() };
};
const stringsOf = (text: string): Buffer[] => [...text.matchAll(/"([^"]*)"/g)].map(([, hex]) => unhex(hex!));

function toOp({ name, args, result }: Call, positions: Map<number, number>): DiskOp | undefined {
  if (name === 'openat') {
    const { fd, path } = handleOf(result);
    positions.set(fd, 0);
    return args.includes('O_CREAT') ? { kind: 'create', path, isEmptied: args.includes('O_TRUNC') } : undefined;
  }
  if (name === 'unlink' || name === 'unlinkat') return { kind: 'remove', path: stringsOf(args)[0]!.toString() };
  if (name.startsWith('rename')) {
    const [path, to] = stringsOf(args).map(String);
    return { kind: 'rename', path: path!, to: to! };
  }
  const { fd, path } = handleOf(args);
  if (name === 'fdatasync' || name === 'fsync') return { kind: 'sync', path };
  if (name === 'ftruncate') return { kind: 'truncate', path, size: Number(args.slice(args.lastIndexOf(',') + 1)) };
  if (name === 'pwrite64') {
    const offset = Number(args.slice(args.lastIndexOf(',') + 1));
    return { kind: 'write', path, offset, data: stringsOf(args)[0]!.subarray(0, Number(result)) };
  }
  if (name !== 'write') return undefined;
  const data = stringsOf(args)[0]!.subarray(0, Number(result));
  if (fd === 1) return { kind: 'say', line: data.toString().trim() };
  const offset = positions.get(fd) ?? 0;
  positions.set(fd, offset + data.length);
  return { kind: 'write', path, offset, data };
}
