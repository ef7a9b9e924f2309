import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { offlineShell } from './offline-shell.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = (path: string): string => `${root}${path}`;

/** One build, one page per audience; the names of the outputs are the URLs that the API serves. */
const pages = {
  public: { html: at('index.html'), main: at('src/public/main.tsx') },
  ops: { html: at('ops/index.html'), main: at('src/ops/main.tsx') },
  crew: { html: at('crew/index.html'), main: at('src/crew/main.tsx') },
  console: { html: at('console/index.html'), main: at('src/console/main.tsx') },
};

/** Serves the crew's page without reach; a path of its own without a hash, since browsers ask for the same address again. */
const CREW_WORKER = 'crew-worker';

export default defineConfig({
  root,
  base: '/',
  plugins: [
    preact(),
    offlineShell({
      entry: 'crew',
      worker: CREW_WORKER,
      page: '/crew',
      extras: ['/crew.webmanifest', '/crew-icon.svg', '/crew-icon-maskable.svg'],
    }),
  ],
  worker: { format: 'es' },
  build: {
    outDir: at('dist'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        ...Object.fromEntries(
          Object.entries(pages)
            .filter(([, page]) => existsSync(page.main))
            .map(([name, page]) => [name, page.html]),
        ),
        [CREW_WORKER]: at('src/worker/crew-worker.ts'),
      },
      output: { entryFileNames: ({ name }) => (name === CREW_WORKER ? '[name].js' : 'assets/[name]-[hash].js') },
    },
  },
});
