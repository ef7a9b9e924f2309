import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig, type PluginOption } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const at = (path: string): string => `${root}${path}`;

/** One build, one page per audience; the names of the outputs are the URLs that the API serves. */
const pages = {
  public: { html: at('index.html'), main: at('src/public/main.tsx') },
  ops: { html: at('ops/index.html'), main: at('src/ops/main.tsx') },
  crew: { html: at('crew/index.html'), main: at('src/crew/main.tsx') },
  console: { html: at('console/index.html'), main: at('src/console/main.tsx') },
};

// The crew's offline shell (vite-plugin-pwa) registers here.
const offlineShell: PluginOption[] = [];

export default defineConfig({
  root,
  base: '/',
  plugins: [preact(), ...offlineShell],
  worker: { format: 'es' },
  build: {
    outDir: at('dist'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries(
        Object.entries(pages)
          .filter(([, page]) => existsSync(page.main))
          .map(([name, page]) => [name, page.html]),
      ),
    },
  },
});
