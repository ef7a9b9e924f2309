import { signal } from '@preact/signals';

/** Keys ("/", "j", "g m") and what they do. */
export type Shortcuts = Record<string, () => void>;

const STORAGE_KEY = 'ronde.shortcuts';
const PREFIX_MS = 1_200;

/** Single-key shortcuts can be turned off [WCAG 2.1.4]. */
export const areShortcutsOn = signal(true);

export function setShortcutsOn(on: boolean): void {
  areShortcutsOn.value = on;
  localStorage.setItem(STORAGE_KEY, on ? 'on' : 'off');
}

/** Listens for shortcuts on the whole page, except while someone types; the answer stops listening. */
export function startShortcuts(shortcuts: Shortcuts): () => void {
  areShortcutsOn.value = localStorage.getItem(STORAGE_KEY) !== 'off';
  let prefix = '';
  let prefixAtMs = 0;
  const listen = (event: KeyboardEvent): void => {
    if (!areShortcutsOn.value || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
    if (event.timeStamp - prefixAtMs > PREFIX_MS) prefix = '';
    const key = prefix ? `${prefix} ${event.key}` : event.key;
    prefix = '';
    const run = shortcuts[key];
    if (run) {
      event.preventDefault();
      run();
    } else if (Object.keys(shortcuts).some((name) => name.startsWith(`${event.key} `))) {
      prefix = event.key;
      prefixAtMs = event.timeStamp;
    }
  };
  document.addEventListener('keydown', listen);
  return () => document.removeEventListener('keydown', listen);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable="true"]') !== null;
}
