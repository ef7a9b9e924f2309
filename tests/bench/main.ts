import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** A benchmark measures one thing beside a peer or a limit in the same run, and gives one JSON object. */
interface Bench {
  run(): Promise<object>;
}

const folder = new URL('./', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts' && !file.startsWith('_'))
  .map((file) => file.slice(0, -3));

const [name] = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
if (!name || !names.includes(name)) {
  process.stderr.write(`usage: npm run -s bench -- <name> [--json]\nknown: ${names.join(', ')}\n`);
  process.exit(name ? 2 : 0);
}
const bench = (await import(pathToFileURL(new URL(`${name}.ts`, folder).pathname).href)) as Bench;
process.stdout.write(`${JSON.stringify({ bench: name, ...(await bench.run()) }, null, 2)}\n`);
process.exit(0);
