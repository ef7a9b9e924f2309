import { signal } from '@preact/signals';
import './toast.css';

interface Toast {
  id: number;
  text: string;
  action?: { label: string; run(): void };
}

const SHOWN_MS = 8_000;
const toasts = signal<readonly Toast[]>([]);
let nextId = 1;

/** Shows a short message with an optional action; never the only place for that information. */
export function showToast(text: string, action?: Toast['action'], shownMs = SHOWN_MS): () => void {
  const id = nextId++;
  const dismiss = (): void => {
    clearTimeout(timer);
    toasts.value = toasts.value.filter((toast) => toast.id !== id);
  };
  const timer = setTimeout(dismiss, shownMs);
  toasts.value = [...toasts.value, { id, text, ...(action && { action }) }].slice(-3);
  return dismiss;
}

/** The one place where toasts appear; put it once in a page. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div class="toasts__toast" key={toast.id}>
          <span>{toast.text}</span>
          {toast.action && (
            <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={toast.action.run}>
              {toast.action.label}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
