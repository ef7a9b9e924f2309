import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

const dist = fileURLToPath(new URL('../../services/web/dist/', import.meta.url));
const isBuilt = existsSync(`${dist}index.html`);
const gzipKb = (path: string): number => gzipSync(readFileSync(`${dist}${path}`)).length / 1024;

/** Script and style that a page loads before anything is drawn, KB gzipped. */
function firstLoadKb(page: string): number {
  const html = readFileSync(`${dist}${page}`, 'utf8');
  const files = new Set(
    [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, file]) => file as string),
  );
  return [...files].reduce((sum, file) => sum + gzipKb(file), 0);
}

/** Page → most KB (gzipped) of script and style before the map. */
const BUDGETS = [
  ['index.html', 30],
  ['crew/index.html', 45],
  ['ops/index.html', 60],
] as const;

describe.skipIf(!isBuilt)(`bundle sizes${isBuilt ? '' : ' (skipped: build the web client first)'}`, () => {
  test.each(BUDGETS)('the first load of %s stays within %i KB', (page, budgetKb) => {
    if (existsSync(`${dist}${page}`)) expect(firstLoadKb(page)).toBeLessThanOrEqual(budgetKb);
    else expect(page).not.toBe('index.html');
  });

  test('the map comes later, within 460 KB for library, worker and styles', () => {
    const parts = readdirSync(`${dist}assets`).filter((name) =>
      /^(open-map|maplibre-gl-worker)-.*\.(js|css)$/.test(name),
    );
    expect(parts.length).toBeGreaterThanOrEqual(3);
    expect(parts.reduce((sum, name) => sum + gzipKb(`assets/${name}`), 0)).toBeLessThanOrEqual(460);
  });

  test('no page asks another origin for anything', () => {
    const texts = readdirSync(`${dist}assets`)
      .filter((name) => name.endsWith('.css'))
      .map((name) => readFileSync(`${dist}assets/${name}`, 'utf8'));
    for (const css of texts) expect(css).not.toMatch(/url\(["']?(?:https?:)?\/\/(?!www\.w3\.org)/);
  });
});
