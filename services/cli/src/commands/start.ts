import type { Command } from 'commander';
import type { Fault } from '@ronde/contracts';
import { chooseRoles, readAll, ROLES, startPlatform, type Platform } from '@ronde/run';
import { diagnose } from '../doctor.ts';
import { environment } from '../environment.ts';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';

/** Adds `ronde start` and `ronde doctor`. */
export function addStartCommands(program: Command): void {
  program
    .command('start')
    .description(`Start roles (${ROLES.join(' ')}); all of them when none is named.`)
    .argument('[roles...]', 'roles to start')
    .action(async (names: string[]) => start(names));
  program
    .command('doctor')
    .description('Explain what is missing or misconfigured.')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { json?: boolean }) => {
      const report = await diagnose(environment());
      print(report, {
        json,
        lines: () => report.checks.map(({ ok, name, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`),
      });
      if (!report.ok) throw new Exit(EXIT.MISMATCH);
    });
}

async function start(names: string[]): Promise<void> {
  const configs = readAll(environment());
  if (!configs.ok) throw configExit(configs.faults);
  const roles = chooseRoles(names, configs.value);
  if (!roles.ok) {
    const misnamed = roles.faults.find(({ field }) => field === 'roles');
    throw misnamed ? new Exit(EXIT.USAGE, misnamed.message) : configExit(roles.faults);
  }
  const platform = await startPlatform(configs.value, roles.value);
  process.stdout.write(banner(platform, configs.value.platform.DEMO));
  await untilSignal();
  process.stderr.write('Stopping …\n');
  // a second signal, or ten seconds, ends it the hard way: acknowledged messages are in the inbox
  const force = setTimeout(() => process.exit(1), 10_000);
  force.unref();
  await platform.stop();
  process.exit(0);
}

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });
}

function configExit(faults: Fault[]): Exit {
  const lines = faults.map(({ field, message, remedy }) => `  ${field}: ${message}${remedy ? ` (${remedy})` : ''}`);
  return new Exit(EXIT.CONFIG, `the configuration is not usable:\n${lines.join('\n')}`);
}

function banner({ url, mqttPort, links, adminToken }: Platform, demo: boolean): string {
  const width = Math.max(10, ...links.map(({ label }) => label.length));
  const lines = [
    '',
    `Ronde is running: ${url}${demo ? '  (demo city: time runs fast, devices and crews are simulated)' : ''}`,
    ...links.map(({ label, path, token }) => `  ${label.padEnd(width)}  ${url}${path}#token=${token}`),
    `  ${'API'.padEnd(width)}  ${url}/docs`,
    ...(mqttPort > 0 ? [`  ${'MQTT'.padEnd(width)}  port ${mqttPort}, and ${url.replace(/^http/, 'ws')}/mqtt`] : []),
    ...(adminToken.isNew
      ? [`  ${'admin token'.padEnd(width)}  ${adminToken.token}  (kept in DATA_DIR/admin-token)`]
      : []),
    'Stop with Ctrl+C.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
