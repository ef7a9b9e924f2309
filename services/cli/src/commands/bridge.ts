import { readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { follow, routeMessage, upstreamOf, type FollowState } from '@ronde/run';
import { EXIT, Exit } from '../exit.ts';
import { print } from '../output.ts';

interface Options {
  topics: string[];
  user?: string;
  password?: string;
  share?: string;
  ca?: string;
  protocol: 'auto' | '4' | '5';
  seconds: string;
  json?: boolean;
}

/** Longest session that a trial leaves behind at the broker. */
const SESSION_S = 60;

/** Adds `ronde bridge check`. */
export function addBridgeCommand(program: Command): void {
  program
    .command('bridge')
    .description('Outside brokers that Ronde follows.')
    .command('check')
    .description('Follow a broker for some seconds under a name of its own, and tell what came; nothing is stored.')
    .argument('<url>', 'mqtt://host:1883 or mqtts://host:8883')
    .option('--topics <filters...>', 'topic filters', ['v1/default/+/up'])
    .option('--user <name>', 'user name')
    .option('--password <secret>', 'password or API key')
    .option('--share <group>', 'group of a shared subscription: takes messages from the group while it runs')
    .option('--ca <file>', 'certificates that the broker may be signed by, PEM')
    .option('--protocol <version>', 'auto, 4 (MQTT 3.1.1) or 5', 'auto')
    .option('--seconds <n>', 'how long', '5')
    .option('--json', 'print one JSON object')
    .action(check);
}

async function check(url: string, options: Options): Promise<void> {
  const seconds = Number(options.seconds);
  if (!/^mqtts?:\/\/[^/]/.test(url)) throw new Exit(EXIT.USAGE, 'the address must be mqtt://host or mqtts://host');
  if (!(seconds > 0 && seconds <= 3600)) throw new Exit(EXIT.USAGE, '--seconds must be a number up to 3600');
  if (!['auto', '4', '5'].includes(options.protocol)) throw new Exit(EXIT.USAGE, '--protocol must be auto, 4 or 5');
  const messages: Record<string, number> = {};
  let state: FollowState | undefined;
  let wasConnected = false;
  const follower = follow({
    upstream: upstreamOf({
      url,
      username: options.user,
      password: options.password,
      filters: options.topics,
      share: options.share,
      ca: options.ca === undefined ? undefined : readFileSync(options.ca),
    }),
    // a name of its own: taking over a worker's session would take its messages
    clientId: `ronde-check-${randomBytes(4).toString('hex')}`,
    protocol: options.protocol === 'auto' ? 'auto' : options.protocol === '4' ? 4 : 5,
    keepaliveS: 30,
    sessionExpiryS: SESSION_S,
    maxInFlight: 100,
    random: Math.random,
    async take(message) {
      const frame = routeMessage(message, { id: 'check', tenant: 'default' }, Date.now());
      const kind = typeof frame === 'string' ? `not taken: ${frame}` : frame.source;
      messages[kind] = (messages[kind] ?? 0) + 1;
    },
    onChange(next) {
      state = next;
      wasConnected ||= next.isConnected;
    },
  });
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const seen = state;
  await follower.stop();
  const ok = wasConnected && (seen?.isConnected ?? false);
  const report = { ok, mqttVersion: seen?.version, reason: seen?.trouble, remedy: seen?.remedy, messages };
  print(report, {
    json: options.json,
    lines: () => [
      ok
        ? `followed, MQTT ${report.mqttVersion === 5 ? '5' : '3.1.1'}`
        : `not followed: ${report.reason ?? 'no answer yet'}`,
      ...(report.remedy ? [`remedy: ${report.remedy}`] : []),
      ...Object.entries(messages).map(([kind, count]) => `${String(count).padStart(8)}  ${kind}`),
      ...(ok && Object.keys(messages).length === 0 ? ['no message came in that time'] : []),
    ],
  });
  if (!ok) throw new Exit(EXIT.MISMATCH);
}
