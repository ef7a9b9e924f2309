import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import {
  CONVENTIONS,
  FORMATS,
  parseInstance,
  parseSolution,
  scoreSheet,
  solveInThreads,
  toSolutionJson,
} from '@ronde/solver';
import type { Instance, Solution, SolutionJson } from '@ronde/solver';
import { EXIT, Exit } from '../exit.ts';
import { positiveNumber, print, readText, wholeNumber } from '../output.ts';
import { generate } from './solve-generate.ts';

/** An explicit matrix of as many places as are solved at once is smaller than this. */
const MAX_FILE_MB = 512;

/** Left of the budget for reasons and printing, as a share and at least this long. */
const CLOSING_S = 0.05;

interface SolveFlags {
  format?: string;
  rounding?: string;
  seconds: number;
  iterations?: number;
  seed: number;
  threads: number;
  json?: boolean;
  check?: string;
  generate?: boolean;
  stops: number;
  travel?: string;
  around?: string;
  out?: string;
}

/** Adds `ronde solve`. */
export function addSolveCommand(program: Command): void {
  program
    .command('solve [file]')
    .description('Solve a routing instance, or make one with --generate.')
    .option('--format <name>', `${FORMATS.join(', ')}; found out from the file when absent`)
    .option('--rounding <name>', 'how lengths are rounded and costs stated; found out from the file when absent')
    .option('--seconds <n>', 'wall time, reading included', positiveNumber('seconds'), 10)
    .option(
      '--iterations <n>',
      'iteration budget instead of time: the same seed then gives the same plan',
      wholeNumber('iterations', 1, 1e9),
    )
    .option('--seed <n>', 'random seed', wholeNumber('seed', 0, 2 ** 31 - 1), 1)
    .option('--threads <n>', 'threads that search', wholeNumber('threads', 1, 64), 1)
    .option(
      '--check <solution>',
      'judge a VRPLIB solution of the file instead of solving it; ends with 1 when it breaks a rule',
    )
    .option('--generate', 'make a waste instance whose windows, shifts, payloads and tip hours bind')
    .option('--stops <n>', 'with --generate: stops', wholeNumber('stops', 4, 2_000), 50)
    .option('--travel <url>', 'with --generate: a road graph (osm:FILE.osm.pbf, …) in place of a made town')
    .option('--around <lat,lon,km>', 'with --travel: the area')
    .option('--out <file>', 'with --generate: where to write it; the standard output when absent')
    .option('--json', 'print one JSON object')
    .addHelpText('after', roundingHelp)
    .action(async (file: string | undefined, flags: SolveFlags) => run(file, flags));
}

async function run(file: string | undefined, flags: SolveFlags): Promise<void> {
  if (flags.generate) {
    if (file !== undefined)
      throw new Exit(EXIT.USAGE, `--generate makes an instance; take ${file} away, or give --out ${file}`);
    return generate(flags);
  }
  if (file === undefined) throw new Exit(EXIT.USAGE, 'name the file to solve, or give --generate');
  return flags.check === undefined ? solve(file, flags) : judge(file, flags.check, flags);
}

/** Scores a solution file by the instance alone. */
function judge(file: string, solution: string, flags: SolveFlags): void {
  const { sheet, name } = readInstance(file, flags);
  if (!sheet)
    throw new Exit(EXIT.USAGE, '--check takes VRPLIB solutions, of files in vrplib, solomon or cordeau format');
  const read = parseSolution(readText(solution));
  if (!read.ok)
    throw new Exit(
      EXIT.USAGE,
      `${solution}: ${read.faults.map(({ field, message }) => `${field}: ${message}`).join('; ')}`,
    );
  const { routes, cost: stated } = read.solution;
  const driven = routes.map((visits, vehicle) => ({ vehicle, visits })).filter(({ visits }) => visits.length > 0);
  const { cost, distance, violations } = scoreSheet(sheet, driven);
  const verdict = { instance: name, feasible: violations.length === 0, cost, distance, stated, violations };
  const states = stated === undefined ? '' : `, the file states ${stated}`;
  print(verdict, { json: flags.json, lines: () => [`${name}: cost ${cost}${states}`, ...violations] });
  if (violations.length > 0) throw new Exit(EXIT.MISMATCH);
}

function roundingHelp(): string {
  const lines = Object.entries(CONVENTIONS).map(([name, meaning]) => `  ${name.padEnd(11)} ${meaning}`);
  return ['', 'Rounding:', ...lines].join('\n');
}

/** Reads an instance; every fault of it in one line is bad usage. */
function readInstance(file: string, { format, rounding }: SolveFlags): Instance {
  const megabytes = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 2 ** 20;
  if (megabytes > MAX_FILE_MB)
    throw new Exit(EXIT.USAGE, `${file} has ${Math.round(megabytes)} MB, ${MAX_FILE_MB} are read; split the area`);
  const name = basename(file, extname(file));
  const parsed = parseInstance(readText(file), { format, rounding, name });
  if (parsed.ok) return parsed.instance;
  throw new Exit(
    EXIT.USAGE,
    `${file}: ${parsed.faults.map(({ field, message }) => `${field}: ${message}`).join('; ')}`,
  );
}

/** Tells a person how the plan gets better, on a line that is written over. */
function createProgress(startedMs: number): { improved: (solution: Solution) => void; end: () => void } {
  if (!process.stderr.isTTY) return { improved: () => undefined, end: () => undefined };
  return {
    improved: ({ cost, unserved }) => {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      process.stderr.write(`\r\u001b[K${seconds} s: ${Math.round(cost)}, ${unserved.length} left out`);
    },
    end: () => void process.stderr.write('\r\u001b[K'),
  };
}

async function solve(file: string, flags: SolveFlags): Promise<void> {
  const { seconds, iterations, json } = flags;
  const startedMs = performance.now();
  const instance = readInstance(file, flags);
  for (const note of instance.notes) process.stderr.write(`ronde: ${file}: ${note}\n`);
  const left = Math.max(CLOSING_S, seconds - CLOSING_S - (performance.now() - startedMs) / 1000);
  const budget = iterations === undefined ? { seconds: left } : { iterations };
  const progress = createProgress(startedMs);
  const { improved: onImprove } = progress;
  const search = { ...budget, onImprove, explain: true };
  const { seed, threads } = flags;
  const { solution, stats, reasons } = await solveInThreads(instance.problem, { ...search, seed, threads });
  progress.end();
  const facts = { seconds: (performance.now() - startedMs) / 1000, iterations: stats.iterations, reasons };
  const answer = toSolutionJson(instance, solution, facts);
  print(answer, { json, lines: () => describe(answer) });
}

/** The answer for a person: what it costs, then a route a line, then what is left out and why. */
function describe(answer: SolutionJson): string[] {
  const { instance, feasible, cost, distance, seconds, iterations, routes, unserved, reasons } = answer;
  const head = `${instance}: cost ${cost}, distance ${distance}${feasible ? '' : ', NOT FEASIBLE'}`;
  const lines = routes.map((route, i) =>
    'visits' in route ? `${route.vehicle}: ${route.visits.join(' ')}` : `Route #${i + 1}: ${route.join(' ')}`,
  );
  const left = unserved.map((name) => `left out ${name}${reasons[name] ? `: ${reasons[name]}` : ''}`);
  return [head, ...lines, ...left, `${iterations} iterations in ${seconds.toFixed(1)} s`];
}
