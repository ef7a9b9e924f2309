import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { call } from '../shared/rest.ts';
import type { LoadState } from './load-state.tsx';

/** A resource of the API on its way to the screen. What was read stays when a later reading fails. */
export interface Loaded<T> {
  value: Signal<T | undefined>;
  state: Signal<LoadState>;
  reload(): Promise<void>;
}

/** Reads a resource when a component appears or the path changes; `everyMs` reads it again while that is a number. */
export function useLoaded<T>(path: string | undefined, everyMs?: number): Loaded<T> {
  const value = useSignal<T | undefined>(undefined);
  const state = useSignal<LoadState>('loading');
  const reload = useMemo(
    () => async (signal?: AbortSignal) => {
      if (path === undefined) return;
      const answer = await call<T>(path, { ...(signal && { signal }) });
      if (signal?.aborted) return;
      if (answer.ok) value.value = answer.value;
      state.value = answer.ok ? 'ready' : answer.problem;
    },
    [path],
  );
  useEffect(() => {
    const left = new AbortController();
    value.value = undefined;
    state.value = 'loading';
    void reload(left.signal);
    return () => left.abort();
  }, [reload]);
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const timer = setInterval(() => void reload(), everyMs);
    return () => clearInterval(timer);
  }, [reload, everyMs]);
  return { value, state, reload: () => reload() };
}
