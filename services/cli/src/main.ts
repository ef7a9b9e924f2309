import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { environment } from './environment.ts';

/*
 * Compiled code is kept between starts, also for worker threads, which hear of the folder by the environment. Without it every
 * thread strips the types of its modules with a WebAssembly compiler of its own: some 10 MB a thread. Inside the installation
 * and not in the folder for temporary files, where others could write; where it cannot be written nothing is kept.
 */
const FLUSH_AFTER_MS = 5_000;
const cache = fileURLToPath(new URL('../../../node_modules/.cache/ronde', import.meta.url));
const { directory } = module.enableCompileCache(cache);
if (directory !== undefined) environment()['NODE_COMPILE_CACHE'] ??= cache;

// written while it runs: a process that is killed never comes to it
setTimeout(() => module.flushCompileCache(), FLUSH_AFTER_MS).unref();
await import('./program.ts');
