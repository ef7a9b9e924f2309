import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where the browser is; CHROMIUM_PATH chooses another. */
export const chromiumPath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** True when browser tests can run here; their titles say so when they are skipped. */
export const hasChromium = existsSync(chromiumPath);

/** Added to the title of a suite, so that a skip says why. */
export const skipNote = hasChromium ? '' : ` (skipped: no Chromium at ${chromiumPath}; set CHROMIUM_PATH)`;

const QUIET = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SOFTWARE_GL = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const NO_GL = ['--disable-gpu', '--disable-software-rasterizer'];

/** Starts headless Chromium, with WebGL in software or with none at all. */
export function launchChromium({ hasWebGl = true } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--headless=new', ...(hasWebGl ? SOFTWARE_GL : NO_GL), ...QUIET],
  });
}
