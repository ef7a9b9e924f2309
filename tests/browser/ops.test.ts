import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Vehicle } from '@ronde/contracts';
import { hasChromium, launchChromium, skipNote } from './chromium.ts';
import { BIN_COUNT, seedCity, startTestPlatform, type TestPlatform } from './platform.ts';

const VIEWPORT = { width: 1440, height: 900 };
const NORTH_PADDING_PX = 40;

describe.skipIf(!hasChromium)(`the operations screen${skipNote}`, () => {
  let city: TestPlatform;
  let browser: Browser;

  beforeAll(async () => {
    city = await startTestPlatform();
    await seedCity(city);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await city?.stop();
  });

  /** Opens the screen signed in; fails the test on any error in the page or request to another origin. */
  async function open(
    path = '/ops?lang=en',
    from: Browser = browser,
  ): Promise<{ page: Page; context: BrowserContext }> {
    const context = await from.newContext({ viewport: VIEWPORT, locale: 'en-GB' });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(city.url) && !/^(data|blob):/.test(url)) faults.push(`foreign request: ${url}`);
    });
    onTestFinished(async () => {
      await context.close();
      expect(faults).toEqual([]);
    });
    await page.goto(`${city.url}${path}#token=${city.token}`);
    return { page, context };
  }
  /** Plans, and opens the round that comes of it. */
  async function planAndOpen(page: Page, button: string, ready: RegExp): Promise<void> {
    await page.getByRole('button', { name: button }).click();
    await page.getByText(ready).waitFor({ timeout: 60_000 });
    await page
      .getByRole('button', { name: /Wagen 1/, expanded: false })
      .first()
      .click();
  }
  const row = (page: Page, name: string) => page.getByRole('row', { name: new RegExp(name) });

  test('the token leaves the address, and every bin is in the list', async () => {
    const { page } = await open();
    await page.getByText(`${BIN_COUNT} of ${BIN_COUNT} bins`).waitFor();
    expect(page.url()).not.toContain(city.token);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(BIN_COUNT + 1));
  });

  test('the map opens under the strict policy and picks the bin that is clicked', async () => {
    const { page } = await open('/ops?lang=en&q=vredenburg');
    await page.getByRole('button', { name: 'Zoom in' }).waitFor();
    await page.getByRole('button', { name: 'Show everything' }).click();
    const canvas = await page.getByRole('region', { name: 'Map', exact: true }).boundingBox();
    if (!canvas) throw new Error('the map has no size');
    // Fitted to two bins; the northern one stands at the upper padding: go along that line until the pointer finds it.
    const card = page.locator('.hover-card');
    for (let x = 16; x < canvas.width && (await card.count()) === 0; x += 12) {
      await page.mouse.move(canvas.x + x, canvas.y + NORTH_PADDING_PX);
    }
    const name = await card.locator('strong').textContent();
    expect(name).toBe(`Vredenburg ${BIN_COUNT - 1}`);
    await page.mouse.down();
    await page.mouse.up();
    await page.getByRole('heading', { name: name ?? '' }).waitFor();
  });

  test('a reading sent over MQTT changes its row without a reload', async () => {
    const { page } = await open();
    await row(page, 'Neude 0').getByText('7%').waitFor();
    await city.report('bin-0', { fill: 0.66 });
    await row(page, 'Neude 0').getByText('66%').waitFor();
  });

  test('a key figure filters list and legend, and the address carries it', async () => {
    const { page } = await open();
    await page.getByText(`${BIN_COUNT} of ${BIN_COUNT} bins`).waitFor();
    await page.getByRole('button', { name: /Full \(90% or more\)/ }).click();
    await page.waitForURL(/fill=full/);
    const shown = await page.locator('.bins__tools [role=status]').textContent();
    expect(shown).toMatch(/^[12] of 12 bins$/);
    const { page: copy } = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await copy.getByText(shown ?? '').waitFor();
  });

  test('with keys alone: search, choose a row, open it, close it, and the list is as it was', async () => {
    const { page } = await open();
    await page.getByText(`${BIN_COUNT} of ${BIN_COUNT} bins`).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('biltstraat');
    await page.getByText(`2 of ${BIN_COUNT} bins`).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const heading = page.getByRole('heading', { name: /Biltstraat/ });
    await heading.waitFor();
    await page.keyboard.press('Escape');
    await heading.waitFor({ state: 'detached' });
    await page.getByText(`2 of ${BIN_COUNT} bins`).waitFor();
  });

  test('a bin shows its history as a chart with words, its sensor and its place', async () => {
    const { page } = await open('/ops?lang=en&sel=bin-5');
    await page.getByRole('img', { name: /Course of the fill level: \d+ readings/ }).waitFor();
    await page.getByText('sensor-bin-5').waitFor();
    await page.getByText('Chamber 1 · residual waste · 120 litres').waitFor();
  });

  test('planning now brings a round with a reason for every stop', async () => {
    const { page } = await open('/ops?lang=en&tab=rounds');
    await planAndOpen(page, 'Plan now', /Plan ready/);
    const stops = page.getByRole('list', { name: 'Stops' }).getByRole('listitem');
    await stops.first().waitFor();
    expect(await stops.count()).toBeGreaterThan(0);
    expect(await stops.first().textContent()).toMatch(/full|reported|tip the load/);
  });

  test('a stop is moved once its price is known, and a round leaves as a file and as a page', async () => {
    const { page, context } = await open('/ops?lang=nl&tab=rounds');
    await planAndOpen(page, 'Nu plannen', /Plan klaar/);
    const moved = page
      .locator('.stop')
      .filter({ has: page.locator('.move') })
      .last();
    await moved.getByText('Verplaatsen').click();
    const behind = moved.getByRole('combobox', { name: 'Na welke stop' });
    await behind.locator('option').nth(4).waitFor({ state: 'attached' });
    await behind.selectOption({ index: 4 });
    expect(await moved.getByRole('button', { name: /erplaats$|Toch/ }).count()).toBe(0);
    await moved.getByRole('button', { name: 'Wat kost dat?' }).click();
    await moved
      .getByRole('status')
      .getByText(/^[+−]\s*€/)
      .waitFor();
    const before = await page.getByText(/^versie \d+$/).textContent();
    await moved.getByRole('button', { name: /Verplaats$|Toch verplaatsen/ }).click();
    await page.getByText(`versie ${Number(/\d+/.exec(before!)![0]) + 1}`).waitFor();
    const file = page.waitForEvent('download');
    await page.getByRole('button', { name: 'GPX' }).click();
    expect((await file).suggestedFilename()).toMatch(/^rnd-.*\.gpx$/);
    const paper = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Afdrukken' }).click();
    await (await paper).getByRole('columnheader', { name: 'Plaats' }).waitFor();
  });

  /** A planned round, opened, with its rows; nobody drives it, so every stop may move. */
  async function openPlannedRound(page: Page) {
    await planAndOpen(page, 'Plan now', /Plan ready/);
    const rows = page.locator('.stop', { has: page.locator('.stop__grip') });
    await rows.nth(3).waitFor();
    const order = (): Promise<string[]> =>
      page.locator('.stop').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['stop'] ?? ''));
    const middleOf = async (locator: Locator): Promise<{ x: number; y: number; height: number }> => {
      const box = await locator.boundingBox();
      if (!box) throw new Error('it has no place on the screen');
      return { x: box.x + box.width / 2, y: box.y + box.height / 2, height: box.height };
    };
    return { rows, order, middleOf };
  }

  test('a stop that is dragged tells its price, moves when told so, and is put back by undo', async () => {
    const { page } = await open('/ops?lang=en&tab=rounds');
    const { rows, order, middleOf } = await openPlannedRound(page);
    const before = await order();
    await rows.nth(1).scrollIntoViewIfNeeded();
    const [target, grip] = [await middleOf(rows.nth(0)), await middleOf(rows.nth(1).locator('.stop__grip'))];
    await page.mouse.move(grip.x, grip.y);
    await page.mouse.down();
    await page.mouse.move(target.x, target.y - target.height / 4, { steps: 6 });
    await page
      .locator('.held-stop')
      .getByText(/^[+−]\s*€/)
      .waitFor();
    expect(await order()).toEqual(before);
    await page.mouse.up();
    const bar = page.getByRole('region', { name: 'Move a stop' });
    await bar.getByText(/^[+−]€/).waitFor();
    await bar.getByRole('button', { name: /^Move it/ }).click();
    await bar.getByText(/is now with Wagen 1/).waitFor();
    const after = await order();
    expect(after).not.toEqual(before);
    expect(after.toSorted()).toEqual(before.toSorted());
    await page.getByText('What has changed?').click();
    await page
      .getByText(/: moved, now stop \d+ at \d\d:\d\d/)
      .first()
      .waitFor();
    await bar.getByRole('button', { name: 'Undo' }).click();
    await bar.waitFor({ state: 'detached' });
    await expect.poll(order).toEqual(before);
  });

  test('Escape lets go of a dragged stop, and a price that nobody takes changes nothing', async () => {
    const { page } = await open('/ops?lang=en&tab=rounds');
    const { rows, order, middleOf } = await openPlannedRound(page);
    const before = await order();
    await rows.nth(1).scrollIntoViewIfNeeded();
    const [target, row] = [await middleOf(rows.nth(0)), await middleOf(rows.nth(1).locator('.stop__seq'))];
    const drag = async (): Promise<void> => {
      await page.mouse.move(row.x, row.y);
      await page.mouse.down();
      await page.mouse.move(target.x, target.y - target.height / 4, { steps: 6 });
      await page.locator('.held-stop').waitFor();
    };
    await drag();
    await page.keyboard.press('Escape');
    await page.locator('.held-stop').waitFor({ state: 'detached' });
    await page.mouse.up();
    expect(await page.getByRole('region', { name: 'Move a stop' }).count()).toBe(0);
    await drag();
    await page.mouse.up();
    const bar = page.getByRole('region', { name: 'Move a stop' });
    await bar.getByRole('button', { name: 'Leave it' }).click();
    await bar.waitFor({ state: 'detached' });
    expect(await order()).toEqual(before);
    // the round is still open: Escape was for the drag alone
    expect(await rows.count()).toBeGreaterThan(3);
  });

  test('a finger drags by the grip, while the rest of a row scrolls the list', async () => {
    const context = await browser.newContext({ viewport: VIEWPORT, locale: 'en-GB', hasTouch: true });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${city.url}/ops?lang=en&tab=rounds#token=${city.token}`);
    const { rows, middleOf } = await openPlannedRound(page);
    await rows.nth(1).scrollIntoViewIfNeeded();
    const [target, grip] = [await middleOf(rows.nth(0)), await middleOf(rows.nth(1).locator('.stop__grip'))];
    const devtools = await context.newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x = 0, y = 0) =>
      devtools.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
    await touch('touchStart', grip.x, grip.y);
    for (let step = 1; step <= 6; step += 1)
      await touch('touchMove', grip.x, grip.y + ((target.y - target.height / 4 - grip.y) * step) / 6);
    await page.locator('.held-stop').waitFor();
    await touch('touchEnd');
    await page
      .getByRole('region', { name: 'Move a stop' })
      .getByText(/^[+−]€/)
      .waitFor();
  });

  test('a closed round opens under a dragged stop, and what stands in the way is named before anybody commits', async () => {
    const truck = (await city.call('GET', '/v1/vehicles/truck-1')) as Vehicle;
    await city.call('POST', '/v1/crews', { id: 'crew-2', name: 'Ploeg 2' });
    const second = { ...truck, id: 'truck-2', name: 'Wagen 2', crewId: 'crew-2', areaIds: ['west'] };
    await city.call('POST', '/v1/vehicles', second);
    await city.call('PUT', '/v1/vehicles/truck-1', { ...truck, areaIds: ['oost'] });
    onTestFinished(async () => void (await city.call('PUT', '/v1/vehicles/truck-1', truck)));
    const { page } = await open('/ops?lang=en&tab=rounds');
    await page.getByRole('button', { name: 'Plan now' }).click();
    await page.getByText(/Plan ready/).waitFor({ timeout: 60_000 });
    const [own, other] = [1, 2].map((n) => page.locator('.lane', { hasText: `Wagen ${n}` }).first()) as [
      Locator,
      Locator,
    ];
    await other.locator('.lane__head').click();
    const grip = other.locator('.stop__grip').first();
    await grip.scrollIntoViewIfNeeded();
    const from = (await grip.boundingBox())!;
    await page.mouse.move(from.x + 10, from.y + 10);
    await page.mouse.down();
    const head = (await own.locator('.lane__head').boundingBox())!;
    await page.mouse.move(head.x + 100, head.y + head.height / 2, { steps: 8 });
    await own.locator('.stop').first().waitFor();
    await page.mouse.up();
    const bar = page.getByRole('region', { name: 'Move a stop' });
    await bar.getByText('Wagen 1: cannot or may not empty this bin').waitFor();
    expect(await bar.getByRole('button', { name: /^Move it/ }).count()).toBe(0);
    expect(await bar.getByRole('button', { name: 'Leave it' }).count()).toBe(1);
  });

  test('a wrong token is refused in words, with the form to sign in', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${city.url}/ops?lang=en#token=wrong`);
    await page.getByText('This token is not valid (any more).').waitFor();
  });

  test('without WebGL2 the list takes the whole width and says why', async () => {
    const plain = await launchChromium({ hasWebGl: false });
    onTestFinished(() => plain.close());
    const { page } = await open('/ops?lang=en', plain);
    await page.getByText('has no WebGL2, so there is no map').waitFor();
    const rail = await page.getByRole('grid').boundingBox();
    expect(rail?.width).toBeGreaterThan(VIEWPORT.width * 0.95);
  });
});

describe.skipIf(!hasChromium)(`the operations screen of an empty city${skipNote}`, () => {
  test('shows the three first steps with their commands', async () => {
    const city = await startTestPlatform();
    onTestFinished(() => city.stop());
    const browser = await launchChromium();
    onTestFinished(() => browser.close());
    const page = await browser.newPage({ locale: 'nl-NL' });
    await page.goto(`${city.url}/ops#token=${city.token}`);
    await page.getByRole('heading', { name: 'Nog geen bakken' }).waitFor();
    expect(await page.getByRole('button', { name: 'Kopiëren' }).count()).toBe(3);
  });
});
