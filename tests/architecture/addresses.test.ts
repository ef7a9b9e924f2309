import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const GUIDE = readFileSync('docs/guides/scale-out.md', 'utf8');

/** The paths that the guide sends to a role; ends such as `/link` are those of `/v1/devices/{id}`. */
function told(role: string): string[] {
  const [, list = ''] = new RegExp(`- to \\*\\*${role}\\*\\*: ([^]*?)\\n(?=- |\\n)`).exec(GUIDE) ?? [];
  return [...list.matchAll(/`(\/[^`]+)`/g)].map(([, path = '']) =>
    path.startsWith('/v1') ? path : `/v1/devices/{id}${path}`,
  );
}

function served(role: string): string[] {
  const sources = globSync(`services/${role}/src/**/*.ts`).filter((file) => !file.endsWith('.test.ts'));
  const found = sources.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/^\s*(?:deps\.http\.get\()?'(\/v1\/[^']+)',/gm),
  ]);
  return found.map(([, path = '']) => path.replaceAll(/:(\w+)/g, '{$1}'));
}

test.each(['ingest', 'routing'])('a proxy set up by the guide sends every path of %s there', (role) => {
  const paths = served(role);
  expect(paths.length).toBeGreaterThan(5);
  expect(
    paths.filter((path) => !told(role).some((start) => path === start || path.startsWith(start.replace(/\/?$/, '/')))),
  ).toEqual([]);
});
