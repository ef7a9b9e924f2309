import type { Command } from 'commander';
import { parseInstance, solveInThread, toSolutionJson } from '@ronde/solver';
import { EXIT, Exit } from '../exit.ts';
import { positiveNumber, print, readText, wholeNumber } from '../output.ts';

interface SolveFlags {
  format?: string;
  seconds: number;
  iterations?: number;
  seed: number;
  json?: boolean;
}

/** Adds `ronde solve`. */
export function addSolveCommand(program: Command): void {
  program
    .command('solve <file>')
    .description('Solve a routing instance (formats: vrplib, ronde).')
    .option('--format <name>', 'vrplib or ronde; found out from the file when absent')
    .option('--seconds <n>', 'wall time, parsing included', positiveNumber('seconds'), 10)
    .option(
      '--iterations <n>',
      'iteration budget instead of time: the same seed then gives the same plan',
      wholeNumber('iterations', 1, 1e9),
    )
    .option('--seed <n>', 'random seed', wholeNumber('seed', 0, 2 ** 31 - 1), 1)
    .option('--json', 'print one JSON object')
    .action(async (file: string, flags: SolveFlags) => solve(file, flags));
}

async function solve(file: string, { format, seconds, iterations, seed, json }: SolveFlags): Promise<void> {
  const startedMs = performance.now();
  const parsed = parseInstance(readText(file), format === undefined ? {} : { format });
  if (!parsed.ok)
    throw new Exit(EXIT.USAGE, parsed.faults.map(({ field, message }) => `${file}, ${field}: ${message}`).join('\n'));
  const left = Math.max(0.05, seconds - (performance.now() - startedMs) / 1000);
  const budget = iterations === undefined ? { seconds: left } : { iterations };
  const { instance } = parsed;
  const { solution, stats, reasons } = await solveInThread(instance.problem, { ...budget, seed, explain: true });
  const facts = { seconds: (performance.now() - startedMs) / 1000, iterations: stats.iterations, reasons };
  const answer = toSolutionJson(instance, solution, facts);
  print(answer, { json, lines: () => [JSON.stringify(answer, null, 2)] });
}
