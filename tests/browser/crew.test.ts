import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Page as ListPage, Round, StoredCrewEvent } from '@ronde/contracts';
import { hasChromium, launchChromium, skipNote } from './chromium.ts';
import { BIN_COUNT, seedCity, startTestPlatform, type TestPlatform } from './platform.ts';

const isBuilt = existsSync(fileURLToPath(new URL('../../services/web/dist/crew-worker.js', import.meta.url)));
const why = skipNote || (isBuilt ? '' : ' (skipped: build the web client first)');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const HOUR_MS = 3_600_000;
const SOON = { timeout: 20_000, interval: 200 };

describe.skipIf(!hasChromium || !isBuilt)(`the crew tablet${why}`, () => {
  let city: TestPlatform;
  let browser: Browser;
  let token: string;

  beforeAll(async () => {
    city = await startTestPlatform();
    await seedCity(city);
    // full at any hour: what a forecast adds until the shift ends depends on when the test runs
    for (let n = 0; n < BIN_COUNT; n += 1) await city.report(`bin-${n}`, { fill: 0.97 });
    ({ token } = (await city.call('POST', '/v1/tokens', { role: 'crew', crewId: 'crew-1' })) as { token: string });
    await plan();
    await vi.waitFor(async () => expect((await openRound()).stops.length).toBeGreaterThan(7), SOON);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await city?.stop();
  });

  async function plan(): Promise<void> {
    const nowMs = city.platform.clock.nowMs();
    await city.call('POST', '/v1/plans', {
      from: new Date(nowMs).toISOString(),
      to: new Date(nowMs + 6 * HOUR_MS).toISOString(),
    });
  }
  async function openRound(): Promise<Round> {
    const { items } = (await city.call('GET', '/v1/rounds?crewId=crew-1')) as ListPage<Round>;
    const found = items.find(({ status }) => status === 'published' || status === 'active');
    if (!found) throw new Error('no open round yet');
    return found;
  }
  async function storedEvents(): Promise<StoredCrewEvent[]> {
    return ((await city.call('GET', '/v1/crew-events?limit=1000')) as ListPage<StoredCrewEvent>).items;
  }
  async function addFullBin(id: string, name: string): Promise<void> {
    await city.call('POST', '/v1/assets', {
      id,
      kind: 'litter-bin',
      name,
      liftType: 'hand',
      serviceTimeS: 60,
      geometry: { type: 'Point', coordinates: [5.105, 52.11] },
      chambers: [{ id: '1', fraction: 'residual', volumeL: 120 }],
    });
    await city.call('POST', '/v1/devices', { id: `sensor-${id}`, typeId: 'plain', assetId: id, chamber: '1' });
    await city.report(id, { fill: 0.99 });
  }
  interface Opened {
    context: BrowserContext;
    page: Page;
  }
  async function openTablet({ width, height } = { width: 1280, height: 800 }, theme = 'dag'): Promise<Opened> {
    const context = await browser.newContext({ viewport: { width, height }, locale: 'nl-NL', reducedMotion: 'reduce' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.addInitScript((name) => localStorage.setItem('ronde.theme', name), theme);
    await page.goto(`${city.url}/crew#token=${token}`);
    await page.locator('.now__place').waitFor();
    return { context, page };
  }
  const chip = (page: Page) => page.locator('.reach');
  const doneCount = async (page: Page): Promise<number> =>
    Number(((await page.locator('.crew__progress').textContent()) ?? '').split('/')[0]);
  const place = async (page: Page): Promise<string> =>
    (await page.locator('.now__place [aria-hidden]').textContent()) ?? '';
  /** Marks the stop shown and waits until the screen takes the next tap. */
  async function markEmptied(page: Page): Promise<void> {
    const [before, done] = [await place(page), await doneCount(page)];
    await page.locator('.actions__done').click();
    await vi.waitFor(async () => expect(await place(page)).not.toBe(before), SOON);
    await vi.waitFor(async () => expect(await doneCount(page)).toBe(done + 1), SOON);
    await page.locator('.undo__button', { hasText: /[1-8]$/ }).waitFor();
  }

  test('the header names the vehicle, not its id', async () => {
    const { page } = await openTablet();
    await vi.waitFor(async () => expect(await page.locator('h1').first().textContent()).toBe('Wagen 1'), SOON);
  });

  test('an emptied stop reaches the server once, with the round moved on', async () => {
    const { page } = await openTablet();
    const before = await storedEvents();
    await markEmptied(page);
    await vi.waitFor(async () => expect((await storedEvents()).length).toBe(before.length + 1), SOON);
    await vi.waitFor(async () => expect(await chip(page).textContent()).toBe('Verbonden'), SOON);
    const [event] = await storedEvents();
    const round = await openRound();
    expect(round.stops.find(({ id }) => id === event?.stopId)?.status).toBe('done');
    expect(event?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  test('three stops done without reach survive a cold start, and arrive once each, in order, when reach is back', async () => {
    const { context, page } = await openTablet();
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.reload();
    await vi.waitFor(async () => expect(await chip(page).textContent()).toBe('Verbonden'), SOON);
    const before = new Set((await storedEvents()).map(({ id }) => id));
    const done = await doneCount(page);
    await context.setOffline(true);
    await vi.waitFor(async () => expect(await chip(page).textContent()).toContain('Geen bereik'), SOON);
    for (let stop = 0; stop < 3; stop += 1) await markEmptied(page);
    await page.reload();
    await page.locator('.now__place').waitFor();
    expect(await doneCount(page)).toBe(done + 3);
    expect(await chip(page).textContent()).toBe('Geen bereik · 3 wachten');
    expect((await storedEvents()).filter(({ id }) => !before.has(id))).toEqual([]);
    await context.setOffline(false);
    await vi.waitFor(async () => expect(await chip(page).textContent()).toBe('Verbonden'), SOON);
    const fresh = (await storedEvents()).filter(({ id }) => !before.has(id));
    expect(new Set(fresh.map(({ stopId }) => stopId)).size).toBe(3);
    expect(fresh).toHaveLength(3);
    const byArrival = fresh.toSorted((a, b) => a.receivedAt.localeCompare(b.receivedAt) || a.id.localeCompare(b.id));
    expect(byArrival.map(({ deviceAt }) => deviceAt)).toEqual(fresh.map(({ deviceAt }) => deviceAt).toSorted());
    expect(await doneCount(page)).toBe(done + 3);
  });

  test('undo takes a mark back before it leaves', async () => {
    const { page } = await openTablet();
    const before = await place(page);
    const done = await doneCount(page);
    await markEmptied(page);
    await page.getByRole('button', { name: /Herstel/ }).click();
    await vi.waitFor(async () => expect(await place(page)).toBe(before), SOON);
    expect(await doneCount(page)).toBe(done);
    expect(await chip(page).textContent()).toBe('Verbonden');
    const kept = await page.evaluate(
      () =>
        new Promise<number>((resolve, reject) => {
          const opening = indexedDB.open('ronde-crew');
          opening.onerror = () => reject(new Error('storage did not open'));
          opening.onsuccess = () => {
            const count = opening.result.transaction('outbox').objectStore('outbox').count();
            count.onsuccess = () => resolve(count.result);
          };
        }),
    );
    expect(kept).toBe(0);
  });

  test('two taps in one breath mark one stop', async () => {
    const { page } = await openTablet();
    const done = await doneCount(page);
    await page.locator('.actions__done').dblclick();
    await page.locator('.undo__button', { hasText: /[1-8]$/ }).waitFor();
    expect(await doneCount(page)).toBe(done + 1);
    await page.getByRole('button', { name: /Herstel/ }).click();
    await vi.waitFor(async () => expect(await doneCount(page)).toBe(done), SOON);
  });

  test('a round that changes is told in words and labelled, and waits while a dialog is open', async () => {
    const { page } = await openTablet();
    const round = await openRound();
    await page.getByRole('button', { name: 'Overslaan' }).click();
    await page.getByRole('dialog').waitFor();
    await addFullBin('bin-late', 'Late bak');
    await plan();
    await vi.waitFor(
      async () => expect((await openRound()).stops.some(({ assetIds }) => assetIds.includes('bin-late'))).toBe(true),
      SOON,
    );
    const row = page.locator('.stop', { hasText: 'Late bak' });
    expect(await row.count()).toBe(0);
    expect((await openRound()).version).toBeGreaterThan(round.version);
    await page.keyboard.press('Escape');
    await row.filter({ hasText: 'Nieuw' }).waitFor();
    await page.locator('.bar', { hasText: 'erbij' }).getByRole('button', { name: 'Bekijk' }).click();
    await page.getByRole('button', { name: 'Begrepen' }).click();
    await row.filter({ hasNotText: 'Nieuw' }).waitFor();
  });

  test('reports that contradict each other are told in Dutch until somebody has read them, also after a new start', async () => {
    const { page } = await openTablet();
    await markEmptied(page);
    const emptied = await vi.waitFor(async () => {
      const done = (await openRound()).stops.findLast(({ status }) => status === 'done');
      expect(done?.endedAt).toBeDefined();
      return done!;
    }, SOON);
    const round = await openRound();
    // the crew's other tablet was offline, and skipped it a minute later
    await city.call('POST', '/v1/crew-events', {
      id: `late-${Date.now()}`,
      roundId: round.id,
      roundVersion: round.version,
      stopId: emptied.id,
      kind: 'skipped',
      reason: 'blocked',
      deviceAt: new Date(Date.parse(emptied.endedAt!) + 60_000).toISOString(),
    });
    const bar = page.locator('.bar', { hasText: 'Tegenstrijdig gemeld' });
    await bar.getByText(/gemeld: overgeslagen \(niet bereikbaar\)\. Maar om \d\d:\d\d was hier al geleegd/).waitFor();
    await page.reload();
    await bar.waitFor();
    await bar.getByRole('button', { name: 'Begrepen' }).click();
    await bar.waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('.now__place').waitFor();
    expect(await bar.count()).toBe(0);
  });

  describe.each(['dag', 'zon', 'nacht'])('in theme %s', (theme) => {
    test.each([
      ['landscape', 1280, 800],
      ['portrait', 800, 1280],
      ['a phone', 390, 844],
    ] as const)('axe finds nothing in %s', async (_, width, height) => {
      const { page } = await openTablet({ width, height }, theme);
      const violations = async (): Promise<string[]> =>
        (await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations.map(
          ({ id, nodes }) =>
            `${id}: ${nodes
              .map(({ target }) => target.join(' '))
              .slice(0, 3)
              .join(' | ')}`,
        );
      expect(await violations()).toEqual([]);
      for (const name of ['Overslaan', 'Probleem', 'Meer']) {
        await page.getByRole('button', { name, exact: true }).click();
        await page.getByRole('dialog').waitFor();
        expect(await violations()).toEqual([]);
        await page.keyboard.press('Escape');
      }
    });
  });

  test.each([
    ['landscape', 1280, 800],
    ['portrait', 800, 1280],
    ['a phone', 390, 844],
  ] as const)(
    'everything to tap is at least 48 px, actions 72 px and more, with 16 px between, in %s',
    async (_, width, height) => {
      const { page } = await openTablet({ width, height });
      const small = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, a[href], input, select, summary')]
          .filter((element) => !element.matches('.utrecht-skip-link') && element.getClientRects().length > 0)
          .map((element) => ({ name: element.textContent, ...element.getBoundingClientRect().toJSON() }))
          .filter(({ width: w, height: h }) => w < 48 || h < 48)
          .map(({ name, width: w, height: h }) => `${name}: ${w}×${h}`),
      );
      expect(small).toEqual([]);
      const boxes = await Promise.all(
        ['.actions__navigate', '.actions__done', '.actions__skip', '.actions__problem'].map((selector) =>
          page.locator(selector).boundingBox(),
        ),
      );
      expect(boxes.map((box, index) => Math.round(box?.height ?? 0) >= ([64, 112, 72, 72][index] ?? 0))).toEqual([
        true,
        true,
        true,
        true,
      ]);
      expect(Math.min(...gapsBetween(boxes.filter((box) => box !== null)))).toBeGreaterThanOrEqual(16);
    },
  );

  test('a tablet without a token says how to get one', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${city.url}/crew`);
    await page.getByRole('heading', { name: 'This tablet has no round yet' }).waitFor();
    expect((await new AxeBuilder({ page }).withTags(TAGS).analyze()).violations).toEqual([]);
  });
});

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Free space between each pair of boxes, along the axis on which they are apart. */
function gapsBetween(boxes: readonly Box[]): number[] {
  return boxes.flatMap((a, index) =>
    boxes.slice(index + 1).map((b) => {
      const across = Math.max(b.x - (a.x + a.width), a.x - (b.x + b.width));
      const down = Math.max(b.y - (a.y + a.height), a.y - (b.y + b.height));
      return Math.max(across, down);
    }),
  );
}
