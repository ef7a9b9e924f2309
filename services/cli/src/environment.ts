import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';

/** Reads `.env` of the working folder; variables already set win. */
export function loadDotEnv(): void {
  if (existsSync('.env')) loadEnvFile('.env');
}

/** Gives the environment of the command; the one place where the command line reads it. */
export function environment(): Record<string, string | undefined> {
  return process.env;
}
