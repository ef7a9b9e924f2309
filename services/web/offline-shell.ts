import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** One output of a build, as far as the offline shell cares. */
interface Built {
  type: 'chunk' | 'asset';
  fileName: string;
  imports?: string[];
  dynamicImports?: string[];
  viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> };
  code?: string;
  source?: string | Uint8Array;
  name?: string;
}

/** Names and file names of what the shell is made of. */
export interface OfflineShellOptions {
  /** Name of the page's entry. */
  entry: string;
  /** Name of the worker's entry; it comes out as `<worker>.js` beside the pages, since its path bounds its scope. */
  worker: string;
  /** Address of the page. */
  page: string;
  /** Further addresses that the page names itself. */
  extras: string[];
}

/**
 * Gives a worker the list of files its page needs: exactly what the page's entry imports, at once or later, with styles,
 * fonts and workers. One build serves four audiences, so a list made by file name would take what is not the crew's.
 */
export function offlineShell(options: OfflineShellOptions): Plugin {
  return {
    name: 'ronde-offline-shell',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const outputs = Object.values(bundle) as unknown as Built[];
        const worker = outputs.find(({ fileName }) => fileName === `${options.worker}.js`);
        const entry = outputs.find(({ type, name }) => type === 'chunk' && name === options.entry);
        if (!worker?.code || !entry) return;
        const files = filesOf(entry, new Map(outputs.map((output) => [output.fileName, output])));
        const pageHtml = outputs.find(({ fileName }) => fileName === `${options.page.slice(1)}/index.html`);
        const hash = createHash('sha256')
          .update([...files].sort().join())
          .update(pageHtml?.source ?? '')
          .update(worker.code);
        const list = {
          version: hash.digest('hex').slice(0, 12),
          paths: [options.page, ...options.extras, ...[...files].sort().map((file) => `/${file}`)],
        };
        if (!worker.code.includes('__PRECACHE__'))
          return this.error('the worker does not ask for its list (__PRECACHE__)');
        worker.code = worker.code.replaceAll('__PRECACHE__', JSON.stringify(list));
      },
    },
  };
}

/** Walks what an entry imports; styles and other files that a chunk or style names come along. */
function filesOf(entry: Built, byName: Map<string, Built>): Set<string> {
  const found = new Set<string>();
  const visit = (fileName: string): void => {
    const output = byName.get(fileName);
    if (!output || found.has(fileName)) return;
    found.add(fileName);
    const { imports = [], dynamicImports = [], viteMetadata } = output;
    const named = mentioned(output, byName);
    for (const next of [
      ...imports,
      ...dynamicImports,
      ...(viteMetadata?.importedCss ?? []),
      ...(viteMetadata?.importedAssets ?? []),
      ...named,
    ])
      visit(next);
  };
  visit(entry.fileName);
  // older formats of a font that has woff2 are never asked for
  return new Set([...found].filter((file) => !file.endsWith('.woff')));
}

/** Files that code or styles name as text: workers of workers, fonts. */
function mentioned(output: Built, byName: Map<string, Built>): string[] {
  const text = output.code ?? (typeof output.source === 'string' ? output.source : '');
  return [...byName.keys()].filter(
    (name) =>
      byName.get(name)?.type === 'asset' && !name.endsWith('.html') && text.includes(name.split('/').at(-1) ?? name),
  );
}
