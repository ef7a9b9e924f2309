import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Lists the TypeScript files of the repository, paths from its root; ignored and generated ones are left out. */
export function sources(pattern = /\.(ts|tsx)$/): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed
    .toString()
    .split('\n')
    .filter((file) => pattern.test(file) && readable(file));
}

/** Reads a file of the repository. */
export function read(file: string): string {
  return readFileSync(`${ROOT}${file}`, 'utf8');
}

function readable(file: string): boolean {
  try {
    read(file);
    return true;
  } catch {
    return false;
  }
}

/** Names what a file imports, statically and by import(). */
export function importsOf(file: string): string[] {
  return ts.preProcessFile(read(file), true, true).importedFiles.map(({ fileName }) => fileName);
}

/** Gives the workspace a file belongs to, such as "kit" or "broker". */
export function unitOf(file: string): string | undefined {
  const match = /^(?:packages|services)\/([^/]+)\/|^(firmware-sim)\//.exec(file);
  return match?.[1] ?? match?.[2];
}
