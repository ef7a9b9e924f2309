import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { hasChromium, launchChromium, skipNote } from './chromium.ts';
import { seedCity, startTestPlatform, type TestPlatform } from './platform.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const THEMES = ['dag', 'zon', 'nacht'] as const;
/** Page → what must be on the screen before it is judged. */
const SCREENS = [
  ['/', 'main h1'],
  ['/ops', '.virtual-table__row'],
  ['/ops?tab=alarms', '.alarms'],
  ['/ops?tab=rounds', '.lane'],
  ['/ops?sel=bin-5', '.fill-chart canvas'],
  ['/ops?q=nothing-has-this-name', '.bins__tools'],
  ['/console?tab=devices', '.virtual-table__row'],
  ['/console?tab=devices&device=sensor-bin-5', '.install__button'],
  ['/console?tab=devices&add=1', '.add form'],
  ['/console?tab=devices&import=new', 'input[type=file]'],
  ['/console?tab=types', 'tbody tr'],
  ['/console?tab=types&type=dragino-ldds75', '.version'],
  ['/console?tab=types&draft=new', '.tried'],
  ['/console?tab=unknown', '#unknown-title'],
  ['/console?tab=replays', '#replays-title'],
  ['/console?tab=replays&replay=new', '.replay-form'],
  ['/console?tab=replays&replay=replay-nothing', '[role=alert]'],
] as const;

const CONSOLE_TABS = ['letters', 'traffic', 'devices', 'unknown', 'types', 'replays'].map(
  (tab) => `/console?tab=${tab}`,
);

describe.skipIf(!hasChromium)(`accessibility by axe${skipNote}`, () => {
  let city: TestPlatform;
  let browser: Browser;

  beforeAll(async () => {
    city = await startTestPlatform();
    await seedCity(city);
    await planRound(city);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await city?.stop();
  });

  async function violationsOf(
    path: string,
    options: { theme: string; ready: string; token?: string },
  ): Promise<string[]> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'nl-NL',
      reducedMotion: 'reduce',
    });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.addInitScript((theme) => localStorage.setItem('ronde.theme', theme), options.theme);
    await page.goto(`${city.url}${path}${options.token ? `#token=${options.token}` : ''}`);
    await page.locator(options.ready).first().waitFor();
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ target }) => target.join(' '))
          .slice(0, 3)
          .join(' | ')}`,
    );
  }

  describe.each(THEMES)('in theme %s', (theme) => {
    test.each(SCREENS)('%s has no violation', async (path, ready) => {
      expect(await violationsOf(path, { theme, ready, token: city.token })).toEqual([]);
    });
    test('the sign-in form has no violation', async () => {
      expect(await violationsOf('/ops', { theme, ready: '.sign-in' })).toEqual([]);
    });
    for (const page of ['crew', 'console']) {
      const isBuilt = existsSync(fileURLToPath(new URL(`../../services/web/dist/${page}/index.html`, import.meta.url)));
      test.skipIf(!isBuilt)(
        `/${page} has no violation${isBuilt ? '' : ' (skipped: that page is not built)'}`,
        async () => {
          const { token } = (await city.call(
            'POST',
            '/v1/tokens',
            page === 'crew' ? { role: 'crew', crewId: 'crew-1' } : { role: 'engineer' },
          )) as { token: string };
          expect(await violationsOf(`/${page}`, { theme, ready: 'main', token })).toEqual([]);
        },
      );
    }
  });

  test('the page fits 320 pixels of width without sideways scrolling', async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 800 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    for (const path of ['/', '/ops', ...CONSOLE_TABS]) {
      await page.goto(`${city.url}${path}#token=${city.token}`);
      await page.locator('h1').first().waitFor({ state: 'attached' });
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
    }
  });
});

/** Has a round planned, so that the screens of rounds are judged with one on them. */
async function planRound(city: TestPlatform): Promise<void> {
  const fromMs = city.platform.clock.nowMs();
  const [from, to] = [fromMs, fromMs + 12 * 3_600_000].map((ms) => new Date(ms).toISOString());
  await city.call('POST', '/v1/plans', { from, to });
  await vi.waitFor(
    async () => {
      const { items } = (await city.call('GET', '/v1/rounds')) as { items: unknown[] };
      expect(items.length).toBeGreaterThan(0);
    },
    { timeout: 60_000, interval: 250 },
  );
}
