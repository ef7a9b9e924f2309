import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { environment } from './environment.ts';
import { EXIT, Exit } from './exit.ts';

/** Where a running Ronde answers, and with which right. */
export interface ApiFlags {
  url: string;
  token?: string;
}

/** Adds the options that say which Ronde a command speaks to. */
export function withApiOptions(command: Command): Command {
  return command
    .option('--url <url>', 'address of Ronde', 'http://127.0.0.1:8080')
    .option('--token <token>', 'bearer token; ADMIN_TOKEN or DATA_DIR/admin-token when absent');
}

/** Calls a running Ronde; what is no success ends the command with the reason, every faulty field and the remedy. */
export async function callApi(
  { url, token }: ApiFlags,
  path: string,
  init: {
    method?: string;
    body?: Uint8Array;
    headers?: Record<string, string>;
    /** Statuses besides success that the caller deals with. */
    expected?: readonly number[];
  } = {},
): Promise<Response> {
  const headers = { authorization: `Bearer ${token ?? defaultToken()}`, ...init.headers };
  const { method = 'GET', body } = init;
  const response = await fetch(new URL(path, url), {
    method,
    headers,
    ...(body && { body: body as Uint8Array<ArrayBuffer> }),
  }).catch((error: unknown) => {
    throw new Exit(
      EXIT.MISMATCH,
      `no Ronde answers at ${url}: ${(error as Error).message}; start it, or give its address`,
    );
  });
  if (response.ok || init.expected?.includes(response.status)) return response;
  throw new Exit(EXIT.MISMATCH, await reasonOf(response));
}

/** Calls and reads the JSON of the answer. */
export async function callJson<T>(flags: ApiFlags, path: string, init?: Parameters<typeof callApi>[2]): Promise<T> {
  return (await (await callApi(flags, path, init)).json()) as T;
}

/** Finds the admin token of the installation in this folder. */
export function defaultToken(): string {
  const given = environment()['ADMIN_TOKEN'];
  if (given) return given;
  const file = join(environment()['DATA_DIR'] ?? './data', 'admin-token');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new Exit(EXIT.USAGE, `no token: give --token or ADMIN_TOKEN (${file} cannot be read)`);
  }
}

interface ProblemText {
  detail?: string;
  code?: string;
  remedy?: string;
  errors?: { field: string; message: string; remedy?: string }[];
}

async function reasonOf(response: Response): Promise<string> {
  const problem = (await response.json().catch(() => ({}))) as ProblemText;
  const { detail = response.statusText, code = response.status, remedy = '', errors = [] } = problem;
  const fields = errors.map(({ field, message, remedy: way }) => `${field} ${message}${way ? ` (${way})` : ''}`);
  return `${detail} (${code}): ${fields.length > 0 ? fields.join('; ') : remedy}`;
}
