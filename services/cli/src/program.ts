import { Command, CommanderError } from 'commander';
import { isRondeError } from '@ronde/contracts';
import { version } from '@ronde/run';
import { addBackupCommands } from './commands/backup.ts';
import { addBridgeCommand } from './commands/bridge.ts';
import { addCheckCommands } from './commands/check.ts';
import { addEraseCommand } from './commands/erase.ts';
import { addExportCommand } from './commands/export.ts';
import { addForecastCommands } from './commands/forecast.ts';
import { addImportCommand } from './commands/import.ts';
import { addInfluxCommand } from './commands/influx.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addSchemaCommand } from './commands/schema.ts';
import { addSimCommand } from './commands/sim.ts';
import { addSolveCommand } from './commands/solve.ts';
import { addStartCommands } from './commands/start.ts';
import { EXIT, Exit } from './exit.ts';
import { loadDotEnv } from './environment.ts';

const program = new Command('ronde')
  .description('Open smart-city sensor platform: from a sensor message to a cleaning round on a crew tablet.')
  .version(version, '--version')
  // `ronde replay --version 1.1.0` names a sensor type's version, not ours
  .enablePositionalOptions()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'ronde: ')) })
  .showSuggestionAfterError()
  .exitOverride();

for (const add of [
  addStartCommands,
  addCheckCommands,
  addForecastCommands,
  addSolveCommand,
  addSimCommand,
  addImportCommand,
  addExportCommand,
  addReplayCommand,
  addBackupCommands,
  addEraseCommand,
  addInfluxCommand,
  addSchemaCommand,
  addBridgeCommand,
]) {
  add(program);
}
// subcommands made above inherit neither; without it commander would end the process with 1
const strict = (command: Command): void => {
  command.exitOverride().configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'ronde: ')) });
  command.commands.forEach(strict);
};
strict(program);

// who stops reading has what he wanted, as `| head` does; the work itself goes on
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
loadDotEnv();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
  // timers of parts that had started must not keep a process that has failed; output is out by then
  setTimeout(() => process.exit(), 1_000).unref();
}

function report(error: unknown): number {
  if (error instanceof Exit) {
    if (error.message) process.stderr.write(`ronde: ${error.message}\n`);
    return error.status;
  }
  // commander has already printed help or the fault
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE;
  if (isRondeError(error)) {
    process.stderr.write(`ronde: ${error.message} (${error.code}): ${error.definition.remedy}\n`);
    // the one thing of the catalogue that an argument names
    if (error.code === 'SENSOR_TYPE_UNKNOWN') return EXIT.USAGE;
    return error.code === 'CONFIG_INVALID' || error.code === 'ROLES_IMPOSSIBLE' ? EXIT.CONFIG : EXIT.MISMATCH;
  }
  process.stderr.write(`ronde: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.MISMATCH;
}
