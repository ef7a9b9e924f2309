// Runs on whatever Node starts it (20 or later): installs what is missing, then goes on under the locked Node 24.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const REQUIRED_MAJOR = 24;
const [command = 'start', ...rest] = process.argv.slice(2);

const say = (text) => process.stderr.write(`${text}\n`);
const digest = (...texts) => createHash('sha256').update(texts.join('\0')).digest('hex');

/** Installs exactly what the lockfile says, once per lockfile. */
function install() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules', '.ronde-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest(lock)) return;
  say('Installing dependencies (once) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['ci', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) {
    say('npm ci did not succeed; see the lines above. Network or registry trouble? Try "npm ci" by hand.');
    process.exit(1);
  }
  writeFileSync(stamp, digest(lock));
}

/** Finds the Node to run on: the locked one, or the one running now if it is new enough. */
function findNode() {
  const locked = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (existsSync(locked)) return locked;
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) return process.execPath;
  say(
    `Ronde runs on Node ${REQUIRED_MAJOR}. No packaged Node exists for ${process.platform}-${process.arch}: install Node ${REQUIRED_MAJOR} and try again.`,
  );
  process.exit(78);
}

const STAYS = -1;
// why these: services/cli/bin/ronde.mjs
const NODE_FLAGS = JSON.parse(readFileSync(join(root, 'tools', 'node-flags.json'), 'utf8'));

/** Hands signals on to a long-running child and ends as it ends. */
function stayWith(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
  return STAYS;
}

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    else yield path;
  }
}

/** Builds the web client when its sources, or the contracts it speaks, changed since the last build. */
function buildWeb(run, force = false) {
  const folders = ['services/web/src', 'services/web/public', 'packages/contracts/src'].map((folder) =>
    join(root, folder),
  );
  const sources = folders.filter((folder) => existsSync(folder)).flatMap((folder) => [...filesUnder(folder)]);
  const files = [...sources, join(root, 'package-lock.json'), join(root, 'services/web/vite.config.ts')].filter(
    (file) => existsSync(file),
  );
  const key = digest(...files.sort().map((file) => `${file.slice(root.length)} ${digest(readFileSync(file))}`));
  const stamp = join(root, 'services/web/dist/.built');
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return 0;
  say('Building the web client …');
  const status = run([bin('vite'), 'build', 'services/web', '--logLevel', 'warn'], { stdio: ['ignore', 2, 2] });
  if (status === 0) {
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, key);
  }
  return status;
}

/** Path of a tool's JavaScript entry, so that it runs under the Node we chose. */
function bin(name) {
  const scripts = {
    vitest: 'vitest/vitest.mjs',
    vite: 'vite/bin/vite.js',
    tsc: 'typescript/bin/tsc',
    eslint: 'eslint/bin/eslint.js',
    prettier: 'prettier/bin/prettier.cjs',
  };
  return join(root, 'node_modules', scripts[name]);
}

function commands(run) {
  const vitest = (...args) => run([bin('vitest'), 'run', ...args, ...rest]);
  const suite = (folder) =>
    run([bin('vitest'), 'run', '--config', 'tests/suites.config.ts', '--dir', `tests/${folder}`, ...rest]);
  const each = (...steps) => steps.reduce((status, step) => step() || status, 0);
  return {
    start: () => buildWeb(run) || run([...NODE_FLAGS, 'services/cli/src/main.ts', 'start', ...rest], { stay: true }),
    test: () => buildWeb(run) || vitest(),
    build: () => buildWeb(run, true),
    check: () =>
      each(
        () => run([bin('tsc'), '-p', '.']),
        () => run([bin('eslint'), '.', '--max-warnings', '0']),
        () => run([bin('prettier'), '--check', '.', '--log-level', 'warn']),
        () => run([bin('vitest'), 'run', 'tests/architecture']),
        () => run(['tools/write-docs.ts', '--check']),
      ),
    bench: () => run(['tests/bench/main.ts', ...rest]),
    docs: () => run(['tools/write-docs.ts']),
    'check:mqtt': () => run(['tests/mqtt/check.ts', ...rest]),
    'test:browser': () => buildWeb(run) || suite('browser'),
    'test:faults': () => suite('faults'),
    'test:distributed': () => suite('distributed'),
    'test:containers': () => suite('containers'),
    'new:sensor-type': () => run(['tools/new-sensor-type.mjs', ...rest]),
    ronde: () => run([...NODE_FLAGS, 'services/cli/src/main.ts', ...rest], { stay: true }),
  };
}

function main() {
  const repositoryReady = statSync(join(root, 'package-lock.json'), { throwIfNoEntry: false });
  if (!repositoryReady) throw new Error(`package-lock.json is missing in ${root}; clone the repository again`);
  install();
  const node = findNode();
  const env = {
    ...process.env,
    // As services/cli/src/main.ts has it, for the threads that tests open too: each would load Node's reader of TypeScript,
    // which is WebAssembly, and V8 now and then fails where threads with such code come and go ("Check failed:
    // jit_page.has_value()", nodejs/node issue 64500).
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'ronde'),
    PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  };
  const run = (args, { stdio = 'inherit', stay = false } = {}) => {
    if (stay) return stayWith(spawn(node, args, { cwd: root, env, stdio }));
    const { status, error } = spawnSync(node, args, { cwd: root, env, stdio });
    if (error) throw error;
    return status ?? 1;
  };
  const chosen = commands(run)[command];
  if (!chosen) {
    say(`Unknown command ${command}; known: ${Object.keys(commands(run)).join(', ')}`);
    process.exit(2);
  }
  const status = chosen();
  if (status !== STAYS) process.exit(status);
}

main();
