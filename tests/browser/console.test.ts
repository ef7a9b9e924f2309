import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Device, Downlink, Page as ListPage, Reading, SensorTypeDetail } from '@ronde/contracts';
import { hasChromium, launchChromium, skipNote } from './chromium.ts';
import { BIN_COUNT, seedCity, startTestPlatform, type TestPlatform } from './platform.ts';

const isBuilt = existsSync(fileURLToPath(new URL('../../services/web/dist/console/index.html', import.meta.url)));
const why = skipNote || (isBuilt ? '' : ' (skipped: build the web client first)');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SOON = { timeout: 20_000, interval: 200 };
const PHONE = { width: 360, height: 800 };
const TABLET = { width: 1024, height: 768 };
/** A Dragino LDDS75 at 0.8 m. */
const LDDS75_BASE64 = 'DTsDIAAAAAE=';

describe.skipIf(!hasChromium || !isBuilt)(`the console of engineers${why}`, () => {
  let city: TestPlatform;
  let browser: Browser;
  let token: string;
  let uplink: (devEui: string, fCnt: number) => Promise<void>;

  beforeAll(async () => {
    city = await startTestPlatform();
    await seedCity(city);
    ({ token } = (await city.call('POST', '/v1/tokens', { role: 'engineer' })) as { token: string });
    const { secret } = (await city.call('POST', '/v1/integrations', { id: 'tts', source: 'things-stack' })) as {
      secret: string;
    };
    uplink = async (devEui, fCnt) => {
      const answer = await fetch(`${city.url}/v1/uplinks/things-stack`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify(thingsStackUplink(devEui, fCnt)),
      });
      expect(answer.status).toBe(200);
    };
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await city?.stop();
  });

  /** Opens the console signed in as an engineer; any error of the page fails the test, and so does a page too wide. */
  async function open(search: string, viewport = { width: 1280, height: 800 }): Promise<Page> {
    const context = await browser.newContext({ viewport, locale: 'en-GB', reducedMotion: 'reduce' });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    onTestFinished(async () => {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      await context.close();
      expect(faults).toEqual([]);
      expect(width).toBeLessThanOrEqual(viewport.width);
    });
    await page.goto(`${city.url}/console?lang=en&${search}#token=${token}`);
    return page;
  }
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
  async function expectNoViolation(page: Page): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target.join(' ')}`)).toEqual([]);
  }
  const device = async (id: string): Promise<Device> => (await city.call('GET', `/v1/devices/${id}`)) as Device;

  test('an unknown device is registered with a suggested type, and what it sent becomes readings', async () => {
    await uplink('a84041b2c1d2e3f4', 1);
    await uplink('a84041b2c1d2e3f4', 2);
    const page = await open('tab=unknown');
    await page.getByRole('heading', { name: 'a84041b2c1d2e3f4' }).waitFor();
    await page.getByText('Newest messages').click();
    await page.getByText('0d3b032000000001').first().waitFor();
    await button(page, 'Register: a84041b2c1d2e3f4').click();
    await page.getByLabel('Id (letters, digits, - and _)').fill('found-1');
    await page.getByLabel('Sensor type').selectOption('dragino-ldds75');
    await expectNoViolation(page);
    await button(page, 'Register').click();
    await page.getByText('The secret of found-1').waitFor();
    await page.getByText(/found-1 is registered: \d+ readings from 2 earlier messages/).waitFor();
    expect(await device('found-1')).toMatchObject({ typeId: 'dragino-ldds75', status: 'in-stock' });
    await page.getByRole('link', { name: 'Open the device' }).click();
    await page.getByRole('row', { name: /Distance 0.8 m/ }).waitFor();
  });

  test('a setting out of range is refused at its field; one within is sent and followed', async () => {
    await city.call('POST', '/v1/devices', { id: 'set-1', typeId: 'dragino-ldds75' });
    const page = await open('tab=devices&device=set-1');
    const seconds = page.getByLabel('seconds (s)');
    await seconds.fill('5');
    await button(page, 'Send: interval').click();
    await page.getByText('must be a number from 30 to 86400 s').waitFor();
    expect(await seconds.getAttribute('aria-invalid')).toBe('true');
    await seconds.fill('600');
    await button(page, 'Send: interval').click();
    await page.getByText('seconds = 600').waitFor();
    const { items } = (await city.call('GET', '/v1/downlinks?deviceId=set-1')) as ListPage<Downlink>;
    expect(items).toMatchObject([{ setting: 'interval', parameters: { seconds: 600 } }]);
  });

  test('an import is checked first, with the errors of each line, then done with secrets, then taken back', async () => {
    const page = await open('tab=devices&import=new', PHONE);
    const rows = ['imp-1,dragino-ldds75,a84041b2c1d2e301', 'imp-2,nonsense,a84041b2c1d2e302'];
    await page.locator('input[type=file]').setInputFiles({
      name: 'devices.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(['id,typeId,devEui', ...rows].join('\n')),
    });
    await button(page, 'Check').click();
    await page.getByText('Checked: 2 lines').waitFor();
    await page.getByRole('row', { name: /imp-2 refused typeId: there is no sensor type "nonsense"/ }).waitFor();
    await expect(device('imp-1')).rejects.toThrow('404');
    await button(page, 'Import 1 device').click();
    await page.getByText('Imported: 2 lines').waitFor();
    const download = page.waitForEvent('download');
    await button(page, 'Save as CSV').click();
    expect((await download).suggestedFilename()).toMatch(/-secrets\.csv$/);
    expect(await device('imp-1')).toMatchObject({ externalIds: { devEui: 'a84041b2c1d2e301' } });
    await expectNoViolation(page);
    await button(page, 'Take back').click();
    await page.getByText('Taken back: 1 removed').waitFor();
    await expect(device('imp-1')).rejects.toThrow('404');
  });

  test('a version begins with the files of a built-in one, is tried on a frame, and published to a share', async () => {
    const page = await open('tab=types&type=dragino-ldds75');
    await button(page, /^Edit: /).click();
    await page.getByLabel('Bytes in hex, one message a line').fill('0d3b032000000001');
    await page.getByLabel('Port', { exact: true }).fill('2');
    await page.locator('.tried__frame').getByText('0.8 m').first().waitFor();
    await expectNoViolation(page);
    await button(page, 'Save as draft').click();
    await button(page, /^Publish as canary: 1\.0\.\d+$/).click();
    await page.getByLabel('Share of the devices, %').fill('25');
    await page
      .getByRole('button', { name: /^Publish as canary: 1\.0\.\d+$/ })
      .last()
      .click();
    await page.getByText('for 25% of the devices').first().waitFor();
    const type = (await city.call('GET', '/v1/sensor-types/dragino-ldds75')) as SensorTypeDetail;
    expect(type.versions).toContainEqual(expect.objectContaining({ status: 'canary', canaryPercent: 25 }));
    await page.getByText('No messages yet of devices that use this version.').waitFor();
    await expectNoViolation(page);
    await button(page, /^Roll back: 1\.0\.\d+$/).click();
    await page.getByText('rolled back', { exact: true }).waitFor();
    await page.getByText(/^Rolled back on .* by /).waitFor();
  });

  test('history is replayed: compared, looked through, saved, then applied after a question, and taken back', async () => {
    await publishShifted(city);
    const page = await open('tab=replays', TABLET);
    await page.getByRole('heading', { name: 'Replay history' }).waitFor();
    await page.getByRole('link', { name: 'Replay', exact: true }).click();
    await page.getByRole('combobox', { name: 'Sensor type' }).selectOption('shifted');
    await page.getByLabel('Read with version').selectOption('1.1.0');
    await expectNoViolation(page);
    await button(page, 'Show what changes').click();
    await page.getByText('3 readings change. This is what it would be. Nothing was changed yet.').waitFor();
    const differences = page.getByRole('region', { name: 'Readings that change' });
    await differences
      .getByRole('row', { name: /shift-1 .* 0\.25 m 0\.75 m$/ })
      .first()
      .waitFor();
    await expectNoViolation(page);
    const download = page.waitForEvent('download');
    await button(page, 'Save as CSV').click();
    const csv = await readFile(await (await download).path(), 'utf8');
    expect(csv.split('\r\n')).toHaveLength(5);
    expect(csv).toMatch(/^deviceId,assetId,.*\r\nshift-1,,,distance,.*,0\.25,ok,,0\.75,ok,/);
    await button(page, 'Apply').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Correct history?' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await distances(city)).toEqual([0.25, 0.25, 0.25]);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await vi.waitFor(async () => expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Apply'));
    await page.keyboard.press('Enter');
    await button(page, 'Yes, apply').click();
    await page.getByText('Applied: 3 changed, 0 new, 0 gone').waitFor();
    expect(await distances(city)).toEqual([0.75, 0.75, 0.75]);
    await page.getByRole('link', { name: 'Take back' }).click();
    await page.getByLabel('Read with version').selectOption('1.0.0');
    await button(page, 'Show what changes').click();
    await page.getByText('3 readings change.').waitFor();
    await page.getByRole('link', { name: 'All replays' }).click();
    await page.getByRole('row', { name: /Acme Shift, version 1\.1\.0 applied 3/ }).waitFor();
    await expectNoViolation(page);
  });

  test('a replay of a device that does not exist is refused with the field; one without difference says so', async () => {
    const page = await open('tab=replays&replay=new&lang=en');
    await page.getByLabel('of one device').check();
    await page.getByLabel('Id of the device').fill('nobody');
    await button(page, 'Show what changes').click();
    await page.getByText('there is no device "nobody"').waitFor();
    await page.getByLabel('Id of the device').fill('sensor-bin-1');
    await page.getByLabel('last 7 days').check();
    await button(page, 'Show what changes').click();
    await page.getByText('Everything is read just as it is stored. There is nothing to apply.').waitFor();
    expect(await button(page, 'Apply').count()).toBe(0);
  });

  test('many devices get a tag at once, and lose it by undo', async () => {
    const page = await open('tab=devices&q=sensor-bin');
    await page.getByText(`${BIN_COUNT} of`).waitFor();
    await page.getByLabel('Pick sensor-bin-0', { exact: true }).check();
    await button(page, `Pick all ${BIN_COUNT}`).click();
    await page.getByPlaceholder('Tag').fill('spring');
    await button(page, 'Apply').click();
    await page.getByText(`${BIN_COUNT} devices changed`).waitFor();
    expect(await device('sensor-bin-3')).toMatchObject({ tags: ['spring'] });
    await button(page, 'Undo').click();
    await vi.waitFor(async () => expect((await device('sensor-bin-3')).tags).toBeUndefined(), SOON);
  });

  test('a scanned label fills the form, and its keys are kept', async () => {
    const page = await open('tab=devices&add=1');
    await page
      .getByLabel('Label or QR code: scan, paste or type')
      .fill('DevEUI=24E124136D450001 AppEUI=24E124C0002A0001 AppKey=5572404C696E6B4C6F52613230313823');
    await page.keyboard.press('Enter');
    await page.getByText('24e124136d450001 was read').waitFor();
    expect(await page.getByLabel('DevEUI (16 hex, optional)').inputValue()).toBe('24e124136d450001');
    await button(page, 'Add').last().click();
    await page.getByText('The secret of 24e124136d450001').waitFor();
    await vi.waitFor(async () => expect(await device('24e124136d450001')).toMatchObject({ hasKeys: true }), SOON);
  });

  test('keys are entered as on the label and never shown, and a renewed secret is shown once', async () => {
    await city.call('POST', '/v1/devices', { id: 'key-1', typeId: 'plain' });
    const page = await open('tab=devices&device=key-1');
    await button(page, 'Enter keys').click();
    await page.getByLabel('AppKey').fill('55 72 40 4C 69 6E 6B 4C 6F 52 61 32 30 31 38 23');
    await expectNoViolation(page);
    await button(page, 'Keep the keys').click();
    await button(page, 'Replace the keys').waitFor();
    expect(await device('key-1')).toMatchObject({ hasKeys: true });
    expect(await city.call('GET', '/v1/devices/key-1/keys')).toEqual({ appKey: '5572404c696e6b4c6f52613230313823' });
    expect(await page.content()).not.toMatch(/5572404c/i);
    await button(page, 'Renew the secret').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Renew the secret' }).click();
    await page.getByRole('heading', { name: 'The secret of key-1' }).waitFor();
    await button(page, 'Copy the secret').waitFor();
    await expectNoViolation(page);
  });

  test('an installation test waits on a phone and passes when the uplinks are heard well', async () => {
    await city.call('POST', '/v1/devices', {
      id: 'inst-1',
      typeId: 'dragino-ldds75',
      externalIds: { devEui: 'a84041b2c1d2e3aa' },
    });
    const page = await open('tab=devices&device=inst-1', PHONE);
    await page.getByLabel('Number of messages').selectOption('1');
    await button(page, 'Start the test').click();
    await page.getByText('Waiting for message 1 of 1').waitFor();
    await uplink('a84041b2c1d2e3aa', 7);
    await page.getByText('Passed', { exact: true }).waitFor();
    await expectNoViolation(page);
  });
});

/** A type whose second version adds half a metre, and three uplinks read with the first. */
async function publishShifted(city: TestPlatform): Promise<void> {
  const at = '/v1/sensor-types/shifted/versions';
  const files = (version: string, unit: string): object => ({
    sensorYaml: `id: shifted\nversion: ${version}\nvendor: Acme\nmodel: Shift\ndescription: One byte.\ncodec: codec.js\nfPorts: [1]\nmeasurements:\n  distance: { from: cm, unit: ${unit} }\nsource: made up\nlicence: EUPL-1.2\n`,
    codecJs: 'function decodeUplink(input) { return { data: { cm: input.bytes[0] } }; }',
    examplesYaml: "- { description: one metre, input: { fPort: 1, hex: '64' }, output: { data: { cm: 100 } } }",
  });
  await city.call('POST', at, { version: '1.0.0', files: files('1.0.0', 'cm') });
  await city.call('POST', `${at}/1.0.0/promote`);
  await city.call('POST', '/v1/devices', { id: 'shift-1', typeId: 'shifted' });
  for (const fCnt of [1, 2, 3]) await city.send('shift-1', { fPort: 1, data: 'GQ==', fCnt });
  await vi.waitFor(async () => expect(await distances(city)).toHaveLength(3), SOON);
  await city.call('POST', at, { version: '1.1.0', files: files('1.1.0', 'cm, offset: 50') });
}

async function distances(city: TestPlatform): Promise<unknown[]> {
  const { items } = (await city.call('GET', '/v1/devices/shift-1/readings?quantity=distance')) as ListPage<Reading>;
  return items.map(({ value }) => value);
}

function thingsStackUplink(devEui: string, fCnt: number): object {
  return {
    end_device_ids: { device_id: devEui, dev_eui: devEui, application_ids: { application_id: 'a' } },
    received_at: new Date().toISOString(),
    uplink_message: {
      f_port: 2,
      f_cnt: fCnt,
      frm_payload: LDDS75_BASE64,
      rx_metadata: [{ gateway_ids: { gateway_id: 'g-1' }, rssi: -80, snr: 8 }],
      settings: { data_rate: { lora: { spreading_factor: 7, bandwidth: 125000 } } },
    },
  };
}
