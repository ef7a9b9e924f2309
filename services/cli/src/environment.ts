import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';

/** Reads `.env` of the working folder; variables already set win. */
export function loadDotEnv(): void {
  if (existsSync('.env')) loadEnvFile('.env');
}
