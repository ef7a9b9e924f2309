import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import type {
  DisposableResult,
  QuickJSContext,
  QuickJSHandle,
  QuickJSRuntime,
  QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import { GUEST_PRELUDE, partsFor, toBuilder, withoutModuleSyntax, wordsToWatch } from './guest-source.ts';

/** What one codec may use; the engine stops it at any of these. */
export interface EngineLimits {
  memoryBytes: number;
  stackBytes: number;
  /** Interrupt ticks per call; QuickJS ticks about every 10 000 loop turns or calls. Real codecs use none. */
  callTicks: number;
  /** CPU time per call at which the next tick stops it, microseconds. */
  cpuUs: number;
  /** Faults in a row after which the rest of a job's items of that codec are not run. */
  faultsToStop: number;
}

/** `fault` is a limit that was hit (counts for the breaker), `error` an ordinary mistake of the codec, `paused` not run. */
export type EngineAnswer = { kind: 'value' | 'nonFinite' | 'error' | 'fault' | 'paused'; text: string };

export interface Engine {
  /** Parses a codec's text and keeps it ready; runs none of it. */
  load(key: string, source: string): void;
  call(key: string, source: string, routine: string, inputText: string): EngineAnswer;
  /** True when a codec made the module's memory grow beyond what any guest may use: it never shrinks, so the thread must go. */
  isBloated(): boolean;
}

interface Guest {
  runtime: QuickJSRuntime;
  context: QuickJSContext;
  call: QuickJSHandle;
  routines: Map<string, QuickJSHandle>;
}

// The module imports 256 pages at least; the ceiling is above what all guests at their limit of 2 MiB take together.
const WASM_PAGES = { initial: 256, maximum: 4096 };
const MAX_GUESTS = 96;
// QuickJS does not count the contents of typed arrays against a guest's limit.
const MAX_GROWTH_BYTES = 16 * 2 ** 20;
const SCRIPT = { type: 'global' } as const;

/** Opens one QuickJS engine (one WASM module) with a runtime and context per codec, kept warm. */
export async function openEngine(limits: EngineLimits): Promise<Engine> {
  const memory = new WebAssembly.Memory(WASM_PAGES);
  const quickJs = await loadQuickJs(memory);
  const guests = new Map<string, Guest | string>();
  let isBloated = false;
  const budget = { ticks: 0, stopAtCpuUs: Infinity, exhausted: false };

  function interrupt(): boolean {
    budget.ticks--;
    if (budget.ticks < 0 || cpuUs() > budget.stopAtCpuUs) budget.exhausted = true;
    return budget.exhausted;
  }

  function grant(ticks: number): void {
    budget.ticks = ticks;
    budget.stopAtCpuUs = cpuUs() + limits.cpuUs;
    budget.exhausted = false;
  }

  function guestOf(key: string, source: string): Guest | string {
    const known = guests.get(key);
    if (known !== undefined) {
      // Moved to the end: the one unused for longest stands first, and goes first.
      guests.delete(key);
      guests.set(key, known);
      return known;
    }
    grant(limits.callTicks);
    const made = createGuest(quickJs.newRuntime(), source, limits, interrupt);
    evictOldest(guests);
    guests.set(key, made);
    return made;
  }

  function discard(key: string, guest: Guest): void {
    guests.delete(key);
    dispose(guest);
  }

  function call(key: string, source: string, routine: string, inputText: string): EngineAnswer {
    const guest = guestOf(key, source);
    if (typeof guest === 'string') return { kind: 'error', text: `the codec does not load: ${guest}` };
    grant(limits.callTicks);
    const heldBytes = memory.buffer.byteLength;
    const { isSpoilt, ...answer } = invoke(guest, routine, inputText);
    if (memory.buffer.byteLength - heldBytes > MAX_GROWTH_BYTES) isBloated = true;
    const settled = budget.exhausted ? { kind: 'fault' as const, text: 'the codec ran too long' } : answer;
    // A call that was cut off, changed its globals or left promises behind must not touch the next one.
    if (settled.kind === 'fault' || isSpoilt || guest.runtime.hasPendingJob()) discard(key, guest);
    return settled;
  }

  return { load: (key, source) => void guestOf(key, source), call, isBloated: () => isBloated };
}

async function loadQuickJs(wasmMemory: WebAssembly.Memory) {
  const require = createRequire(import.meta.url);
  const module = await import('@jitl/quickjs-wasmfile-release-sync');
  // The package's type declarations are those of its CommonJS face; as a module, `default` is the variant.
  const variant = module.default as unknown as QuickJSSyncVariant;
  const wasm = await readFile(require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'));
  const wasmModule = await WebAssembly.compile(new Uint8Array(wasm));
  const bounded = newVariant(variant, { wasmModule, wasmMemory });
  return newQuickJSWASMModuleFromVariant(bounded);
}

function createGuest(
  runtime: QuickJSRuntime,
  source: string,
  limits: EngineLimits,
  interrupt: () => boolean,
): Guest | string {
  runtime.setMemoryLimit(limits.memoryBytes);
  runtime.setMaxStackSize(limits.stackBytes);
  runtime.setInterruptHandler(interrupt);
  const context = runtime.newContext();
  // Every handle must be gone before the runtime is, or QuickJS aborts the whole module.
  const scratch: QuickJSHandle[] = [];
  const keep = (handle: QuickJSHandle) => {
    scratch.push(handle);
    return handle;
  };
  try {
    const prelude = keep(unwrap(context, context.evalCode(GUEST_PRELUDE, 'prelude.js', SCRIPT)));
    const kit = keep(unwrap(context, context.callFunction(prelude, context.undefined, context.global)));
    for (const { code, name } of partsFor(source)) {
      const install = keep(unwrap(context, context.evalCode(code, name, SCRIPT)));
      keep(unwrap(context, context.callFunction(install, context.undefined, kit)));
    }
    const build = keep(compile(context, source));
    const bind = keep(context.getProp(kit, 'bind'));
    const words = wordsToWatch(source);
    const watched = words === undefined ? context.undefined : keep(context.newString(words));
    const call = unwrap(context, context.callFunction(bind, context.undefined, build, watched));
    return { runtime, context, call, routines: new Map() };
  } catch (thrown) {
    for (const handle of scratch.splice(0)) handle.dispose();
    context.dispose();
    runtime.dispose();
    return thrown instanceof Error ? thrown.message : 'unknown';
  } finally {
    for (const handle of scratch) handle.dispose();
  }
}

/** Compiles a codec's text; one that a script cannot be may still be an ES module. */
function compile(context: QuickJSContext, source: string): QuickJSHandle {
  const first = context.evalCode(toBuilder(source), 'codec.js', SCRIPT);
  const rewritten = first.error && withoutModuleSyntax(source);
  if (!rewritten) return unwrap(context, first);
  first.dispose();
  return unwrap(context, context.evalCode(toBuilder(rewritten), 'codec.js', SCRIPT));
}

function unwrap(context: QuickJSContext, result: DisposableResult<QuickJSHandle, QuickJSHandle>): QuickJSHandle {
  if (result.error) throw new Error(describe(context, result.error));
  return result.value;
}

function invoke(guest: Guest, routine: string, inputText: string): EngineAnswer & { isSpoilt: boolean } {
  const { context } = guest;
  const input = context.newString(inputText);
  const result = context.callFunction(guest.call, context.undefined, routineHandle(guest, routine), input);
  input.dispose();
  if (result.error) return { kind: 'fault', text: describe(context, result.error), isSpoilt: true };
  const text = context.getString(result.value);
  result.value.dispose();
  const isSpoilt = text.startsWith('D');
  const start = isSpoilt ? 1 : 0;
  return { kind: KINDS[text[start] ?? 'E'] ?? 'error', text: text.slice(start + 1), isSpoilt };
}

const KINDS: Record<string, EngineAnswer['kind']> = { V: 'value', N: 'nonFinite', E: 'error', F: 'fault' };

function routineHandle(guest: Guest, routine: string): QuickJSHandle {
  const known = guest.routines.get(routine);
  if (known) return known;
  const made = guest.context.newString(routine);
  guest.routines.set(routine, made);
  return made;
}

/** Reads an error's message as plain text; context.dump would run guest getters without end. */
function describe(context: QuickJSContext, error: QuickJSHandle): string {
  const message = context.getProp(error, 'message');
  const text = context.typeof(message) === 'string' ? context.getString(message).slice(0, 300) : 'unknown';
  message.dispose();
  error.dispose();
  return text;
}

function evictOldest(guests: Map<string, Guest | string>): void {
  if (guests.size < MAX_GUESTS) return;
  const [key, guest] = guests.entries().next().value ?? [];
  if (key === undefined) return;
  guests.delete(key);
  if (guest && typeof guest !== 'string') dispose(guest);
}

function dispose(guest: Guest): void {
  guest.call.dispose();
  for (const handle of guest.routines.values()) handle.dispose();
  guest.context.dispose();
  guest.runtime.dispose();
}

/** CPU time of this thread, microseconds: waiting for a busy machine does not count. */
export function cpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
