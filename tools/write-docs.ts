// Writes the pages of docs/ that repeat what the code says; with --check it only tells whether they are up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { z } from 'zod';
import { ERRORS, QUANTITIES, type ErrorDefinition } from '@ronde/contracts';
import { CONFIGS } from '@ronde/run';

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));
const NOTE = '<!-- written by `npm run docs`; change the code instead -->';

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function errorsPage(): string {
  const rows = Object.entries<ErrorDefinition>(ERRORS).map(([code, { status, retriable, remedy }]) => [
    `<a id="${code.toLowerCase()}"></a>\`${code}\``,
    String(status),
    retriable ? 'yes' : 'no',
    remedy,
  ]);
  return `# Errors\n\n${NOTE}\n\nEvery fault carries one of these codes, the field it is in, and what to do.\n\n${table(['Code', 'HTTP', 'Try again?', 'Remedy'], rows)}\n`;
}

function quantitiesPage(): string {
  const rows = Object.entries(QUANTITIES).map(([name, { unit, min, max, en, nl }]) => [
    `\`${name}\``,
    `\`${unit}\``,
    `${min} … ${max}`,
    en,
    nl,
  ]);
  return `# Quantities\n\n${NOTE}\n\nUnits are UCUM codes; values outside the range are kept as \`invalid\`.\n\n${table(['Name', 'Unit', 'Range', 'English', 'Dutch'], rows)}\n`;
}

function configPage(): string {
  const seen = new Map<string, { parts: string[]; fallback: string; about: string }>();
  for (const [part, schema] of Object.entries(CONFIGS)) {
    for (const [name, field] of Object.entries(schema.shape as Record<string, z.ZodType>)) {
      const known = seen.get(name);
      if (known) known.parts.push(part);
      else seen.set(name, { parts: [part], fallback: fallbackOf(field), about: field.description ?? '' });
    }
  }
  const rows = [...seen]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, { parts, fallback, about }]) => [`\`${name}\``, fallback, about, parts.join(', ')]);
  return `# Configuration\n\n${NOTE}\n\nVariables of the environment, also read from \`.env\`. \`NAME_FILE\` gives the content of a file for \`NAME\`. All faults are\nreported together, and the process ends with status 78.\n\n${table(['Variable', 'Default', 'Meaning', 'Read by'], rows)}\n`;
}

function fallbackOf(field: z.ZodType): string {
  const parsed = field.safeParse(undefined);
  if (!parsed.success || parsed.data === undefined) return '–';
  return `\`${Array.isArray(parsed.data) ? parsed.data.join(',') : String(parsed.data)}\``;
}

const pages: Record<string, string> = {
  'errors.md': errorsPage(),
  'quantities.md': quantitiesPage(),
  'config.md': configPage(),
};
const checking = process.argv.includes('--check');
const stale: string[] = [];
for (const [name, text] of Object.entries(pages)) {
  const path = `${DOCS}${name}`;
  const formatted = await prettier.format(text, { ...(await prettier.resolveConfig(path)), parser: 'markdown' });
  if (existsSync(path) && readFileSync(path, 'utf8') === formatted) continue;
  stale.push(name);
  if (!checking) writeFileSync(path, formatted);
}
if (checking && stale.length > 0) {
  process.stderr.write(`docs/ is behind the code: ${stale.join(', ')}; run "npm run docs"\n`);
  process.exitCode = 1;
}
