/** Keeps the screen on while `isWanted` says so; browsers drop the lock with every hidden page, so it is taken again. */
export function createWakeLock(isWanted: () => boolean): { update(): void; stop(): void } {
  let lock: WakeLockSentinel | undefined;
  let isAsking = false;
  const update = (): void => {
    if (!('wakeLock' in navigator)) return;
    if (!isWanted()) {
      void lock?.release();
      lock = undefined;
      return;
    }
    if (isAsking || (lock && !lock.released) || document.visibilityState !== 'visible') return;
    isAsking = true;
    void take().finally(() => {
      isAsking = false;
    });
  };
  const take = async (): Promise<void> => {
    try {
      lock = await navigator.wakeLock.request('screen');
    } catch {
      // battery saver says no: the screen may dim, nothing is lost
    }
  };
  document.addEventListener('visibilitychange', update);
  return {
    update,
    stop() {
      document.removeEventListener('visibilitychange', update);
      void lock?.release();
    },
  };
}
