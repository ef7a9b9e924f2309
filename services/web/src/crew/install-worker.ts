import { signal } from '@preact/signals';

/** A newer version lies ready; it is loaded when the crew says so, never during a stop. */
export const hasUpdate = signal(false);

let ready: ServiceWorker | undefined;

/** Installs the worker that serves this screen without reach. Without one (plain HTTP) the screen works with reach only. */
export async function installWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
  try {
    const registration = await navigator.serviceWorker.register('/crew-worker.js', { scope: '/crew' });
    follow(registration);
    // asks that marks are not cleared when storage runs low; a browser may say no
    await navigator.storage?.persist?.();
  } catch {
    // no worker: everything but a cold start without reach still works
  }
}

function follow(registration: ServiceWorkerRegistration): void {
  const check = (): void => {
    ready = registration.waiting ?? undefined;
    hasUpdate.value = ready !== undefined && navigator.serviceWorker.controller !== null;
  };
  check();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', check);
  });
}

/** Switches to the newer version. */
export function applyUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
  ready?.postMessage({ type: 'activate' });
}
