import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { backtest, parseMeasurements } from '@ronde/forecast';
import { EXIT, Exit } from '../exit.ts';
import { print, readText } from '../output.ts';

/** Adds `ronde forecast backtest`. */
export function addForecastCommands(program: Command): void {
  program
    .command('forecast')
    .description('Work with forecasts.')
    .command('backtest <measurements>')
    .description('Forecast a measured past (CSV container_id,time,percent) with a rolling origin, and score it.')
    .option('--predictions <file>', 'write every prediction as JSON Lines')
    .option('--json', 'print one JSON object')
    .action((file: string, { predictions, json }: { predictions?: string; json?: boolean }) => {
      const rows = parseMeasurements(readText(file));
      if (!rows.ok)
        throw new Exit(EXIT.USAGE, rows.faults.map(({ field, message }) => `${file}, ${field}: ${message}`).join('\n'));
      const { report, predictions: lines } = backtest(rows.value);
      if (predictions !== undefined)
        writeFileSync(predictions, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const { horizons, ...rest } = report;
      const result = { ...horizons, ...rest };
      print(result, { json, lines: () => [JSON.stringify(result, null, 2)] });
    });
}
