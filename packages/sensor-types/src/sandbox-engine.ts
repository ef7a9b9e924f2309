import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { newQuickJSWASMModuleFromVariant, newVariant } from 'quickjs-emscripten-core';
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSSyncVariant } from 'quickjs-emscripten-core';
import { GUEST_BUFFER, GUEST_PRELUDE, GUEST_ROUTINES } from './guest-script.ts';

/** What one codec may use; the engine stops it at any of these. */
export interface EngineLimits {
  memoryBytes: number;
  stackBytes: number;
  /** Interrupt ticks per call; QuickJS ticks about every 10 000 loop turns or calls. Real codecs use none. */
  callTicks: number;
  loadTicks: number;
  /** CPU time per call at which the next tick stops it, microseconds. */
  cpuUs: number;
  /** Faults in a row after which the rest of a job's items of that codec are not run. */
  faultsToStop: number;
}

/** `fault` is a limit that was hit (counts for the breaker), `error` an ordinary mistake of the codec. */
export type EngineAnswer = { kind: 'value' | 'nonFinite' | 'error' | 'fault'; text: string };

export interface Engine {
  call(key: string, source: string, routine: string, inputText: string): EngineAnswer;
}

interface Guest {
  runtime: QuickJSRuntime;
  context: QuickJSContext;
  call: QuickJSHandle;
  routines: Map<string, QuickJSHandle>;
}

// The module imports 256 pages at least; the ceiling holds whatever the per-codec limits let through.
const WASM_PAGES = { initial: 256, maximum: 2048 };
const MAX_GUESTS = 96;
const MENTIONS_BUFFER = /(?<!\w)Buffer\b/;

/** Opens one QuickJS engine (one WASM module) with a runtime and context per codec, kept warm. */
export async function openEngine(limits: EngineLimits): Promise<Engine> {
  const quickJs = await loadQuickJs();
  const guests = new Map<string, Guest | string>();
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

  function load(key: string, source: string): Guest | string {
    const known = guests.get(key);
    if (known !== undefined) return known;
    grant(limits.loadTicks);
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
    const guest = load(key, source);
    if (typeof guest === 'string') return { kind: 'error', text: `the codec does not load: ${guest}` };
    grant(limits.callTicks);
    const answer = invoke(guest, routine, inputText);
    const settled = budget.exhausted ? { kind: 'fault' as const, text: 'the codec ran too long' } : answer;
    // After any throw the globals may be half changed: the next call gets a fresh context.
    if (settled.kind === 'fault' || settled.kind === 'error') discard(key, guest);
    return settled;
  }

  return { call };
}

async function loadQuickJs() {
  const require = createRequire(import.meta.url);
  const module = await import('@jitl/quickjs-wasmfile-release-sync');
  // The package's type declarations are those of its CommonJS face; as a module, `default` is the variant.
  const variant = module.default as unknown as QuickJSSyncVariant;
  const wasm = await readFile(require.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'));
  const wasmModule = await WebAssembly.compile(new Uint8Array(wasm));
  const bounded = newVariant(variant, {
    wasmModule,
    wasmMemory: new WebAssembly.Memory(WASM_PAGES),
  });
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
  const run = (code: string, name: string) => {
    const handle = evaluate(context, code, name);
    scratch.push(handle);
    return handle;
  };
  try {
    const bind = run(GUEST_PRELUDE, 'prelude.js');
    if (MENTIONS_BUFFER.test(source)) run(GUEST_BUFFER, 'buffer.js');
    run(source, 'codec.js');
    const routines = run(GUEST_ROUTINES, 'routines.js');
    const bound = context.callFunction(bind, context.undefined, routines);
    if (bound.error) throw new Error(describe(context, bound.error));
    for (const handle of scratch) handle.dispose();
    return { runtime, context, call: bound.value, routines: new Map() };
  } catch (thrown) {
    for (const handle of scratch) handle.dispose();
    context.dispose();
    runtime.dispose();
    return thrown instanceof Error ? thrown.message : 'unknown';
  }
}

function evaluate(context: QuickJSContext, code: string, name: string): QuickJSHandle {
  const result = context.evalCode(code, name);
  if (result.error) throw new Error(describe(context, result.error));
  return result.value;
}

function invoke(guest: Guest, routine: string, inputText: string): EngineAnswer {
  const { context } = guest;
  const input = context.newString(inputText);
  const result = context.callFunction(guest.call, context.undefined, routineHandle(guest, routine), input);
  input.dispose();
  if (result.error) return { kind: 'fault', text: describe(context, result.error) };
  const text = context.getString(result.value);
  result.value.dispose();
  const kind = KINDS[text[0] ?? 'E'] ?? 'error';
  return { kind, text: text.slice(1) };
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
