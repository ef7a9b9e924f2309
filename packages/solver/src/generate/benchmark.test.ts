import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { check } from '../check.ts';
import { parsed } from '../formats/fixtures.ts';
import type { NamedRound } from '../formats/solution-json.ts';
import { compile } from '../model.ts';
import { report } from '../search/report.ts';
import { assign, createState } from '../search/state.ts';
import { generateWaste, writeWaste } from './waste.ts';

const FOLDER = fileURLToPath(new URL('../../benchmark/', import.meta.url));
const NAMES = readdirSync(FOLDER).flatMap((file) =>
  file.endsWith('.ref.json') ? [file.replace('.ref.json', '')] : [],
);
const README = readFileSync(`${FOLDER}README.md`, 'utf8');

interface Reference {
  readonly reference: number;
  readonly distanceM: number;
  readonly prizeLostM: number;
  readonly served: number;
  readonly routes: readonly NamedRound[];
}

test('the public set has instances', () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(5);
});

test.each(NAMES)(
  '%s is what the generator makes, and its reference solution keeps every rule at the cost it states',
  (name) => {
    const text = readFileSync(`${FOLDER}${name}.json`, 'utf8');
    const [stops, seed] = name.split('-').slice(-2).map(Number);
    expect(text).toBe(writeWaste(generateWaste({ stops: stops!, seed: seed! })));
    const stated = JSON.parse(readFileSync(`${FOLDER}${name}.ref.json`, 'utf8')) as Reference;
    const { problem, stopNames, vehicleNames, siteNames } = parsed(text);
    const state = createState(compile(problem));
    for (const { vehicle, visits } of stated.routes) {
      const nodes = visits.map((visit) =>
        siteNames.includes(visit) ? stopNames.length + siteNames.indexOf(visit) : stopNames.indexOf(visit),
      );
      assign(state, state.routes[vehicleNames.indexOf(vehicle)]!, Int32Array.from(nodes), nodes.length);
    }
    const plan = report(state);
    const { violations, cost } = check(problem, plan);
    expect(violations).toEqual([]);
    expect({ reference: cost, distanceM: plan.distanceM, prizeLostM: plan.prizesLost }).toEqual({
      reference: stated.reference,
      distanceM: stated.distanceM,
      prizeLostM: stated.prizeLostM,
    });
    expect(stopNames.length - plan.unserved.length).toBe(stated.served);
    // the table shows the figure with a comma for thousands
    expect(README).toContain(`${stated.reference.toLocaleString('en-US')} |`);
  },
);
