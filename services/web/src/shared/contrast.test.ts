import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BAND_COLOUR, BAND_INK, BANDS } from './bands.ts';
import { ROUND_COLOURS } from './map/drawings.ts';
import { THEMES } from './theme.ts';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

/** WCAG 2.2 relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function tokensOf(theme: string): Record<string, string> {
  const block = css.slice(css.indexOf(`[data-theme='${theme}']`));
  const body = block.slice(block.indexOf('{') + 1, block.indexOf('}'));
  return Object.fromEntries(
    [...body.matchAll(/--ronde-([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );
}

const TEXT_PAIRS = [
  ['ink', 'page'],
  ['ink', 'surface'],
  ['ink', 'raised'],
  ['ink', 'accent-soft'],
  ['ink', 'danger-soft'],
  ['ink-soft', 'page'],
  ['ink-soft', 'surface'],
  ['ink-soft', 'raised'],
  ['ink-soft', 'accent-soft'],
  ['ink', 'map'],
  ['ink-soft', 'map'],
  ['accent', 'surface'],
  ['accent', 'page'],
  ['accent-ink', 'accent'],
  ['warning-ink', 'warning'],
  ['danger', 'surface'],
  ['success', 'surface'],
] as const;
const CONTROL_PAIRS = [
  ['control', 'surface'],
  ['control', 'page'],
  ['accent', 'surface'],
  ['ring', 'map'],
  ['ring', 'surface'],
] as const;

describe.each(THEMES)('theme %s', (theme) => {
  const tokens = tokensOf(theme);
  test.each(TEXT_PAIRS)('text %s on %s reaches 4.5:1', (ink, ground) => {
    expect(contrast(tokens[ink] as string, tokens[ground] as string)).toBeGreaterThanOrEqual(4.5);
  });
  test.each(CONTROL_PAIRS)('outline %s on %s reaches 3:1', (line, ground) => {
    expect(contrast(tokens[line] as string, tokens[ground] as string)).toBeGreaterThanOrEqual(3);
  });
});

test.each([
  ['light', 'dag'],
  ['light', 'zon'],
  ['dark', 'nacht'],
] as const)('lines of rounds on %s paper of theme %s reach 3:1', (paper, theme) => {
  const { map = '', surface = '' } = tokensOf(theme);
  for (const colour of ROUND_COLOURS[paper])
    for (const ground of [map, surface]) expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThan(3);
});

test('text of the sun theme is pure black on white', () => {
  const { ink, surface, page } = tokensOf('zon');
  expect([ink, surface, page]).toEqual(['#000000', '#ffffff', '#ffffff']);
});

test.each(BANDS)('a number on band %s reaches 4.5:1', (band) => {
  expect(contrast(BAND_INK[band], BAND_COLOUR[band])).toBeGreaterThanOrEqual(4.5);
});
