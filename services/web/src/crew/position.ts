import { signal } from '@preact/signals';
import { distanceM, type Place } from './distance.ts';

/** Whether the distance to stops is measured: only when the crew asked for it, and only during a round. */
export const positionState = signal<'off' | 'asking' | 'on' | 'denied'>('off');

const FRESH_MS = 60_000;
let here: { place: Place; atMs: number } | undefined;
let watchId: number | undefined;
const lastFix = signal(0);

/** Asks for permission and follows the position on this device; it is never stored or sent. */
export function startPosition(): void {
  if (watchId !== undefined || !('geolocation' in navigator)) return;
  positionState.value = 'asking';
  watchId = navigator.geolocation.watchPosition(
    ({ coords }) => {
      here = { place: { lat: coords.latitude, lon: coords.longitude }, atMs: performance.now() };
      positionState.value = 'on';
      lastFix.value += 1;
    },
    ({ code }) => {
      if (code !== GeolocationPositionError.PERMISSION_DENIED) return;
      stopPosition();
      positionState.value = 'denied';
    },
    { enableHighAccuracy: true, maximumAge: 10_000 },
  );
}

/** Forgets the position and stops following it. */
export function stopPosition(): void {
  if (watchId !== undefined) navigator.geolocation.clearWatch(watchId);
  watchId = undefined;
  here = undefined;
  positionState.value = 'off';
}

/** Metres from here to a place; undefined when the position is not followed or is old. */
export function metresTo(place: Place): number | undefined {
  void lastFix.value;
  if (!here || performance.now() - here.atMs > FRESH_MS) return undefined;
  return Math.round(distanceM(here.place, place));
}
