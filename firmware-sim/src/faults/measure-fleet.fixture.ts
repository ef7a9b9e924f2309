import type { Posting } from '../devices/engine.ts';

/** One message as a receiver sees it. */
interface Heard {
  atMs: number;
  seq: number;
  distanceM: number | null;
  temperatureC: number;
  tilted: boolean;
}

/** Collects the messages of own plain devices, without copies, by device. */
export function createListener(devices: number): { put(posting: Posting): void; heard: Heard[][]; copies(): number } {
  const heard = Array.from({ length: devices }, (): Heard[] => []);
  let copies = 0;
  return {
    heard,
    copies: () => copies,
    put({ device, message, again }) {
      if (again) return void (copies += 1);
      const body = JSON.parse(message.body as string) as Record<string, number | null> & { at: string };
      heard[device]!.push({
        atMs: Date.parse(body.at),
        seq: body['seq']!,
        distanceM: body['distance'] ?? null,
        temperatureC: body['temperature']!,
        tilted: body['tilt'] === 1,
      });
    },
  };
}

export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** What the counters say: losses by device, what follows an arrival, wraps, gaps. */
export function measureArrivals(heard: readonly Heard[][], intervalMs: number) {
  const afterArrival = new Map<number, number>();
  const lossByDevice: number[] = [];
  const onTimeMs: number[] = [];
  let [lost, arrived, wraps, longGaps, silences] = [0, 0, 0, 0, 0];
  for (const messages of heard) {
    let own = 0;
    for (let index = 1; index < messages.length; index++) {
      const [before, now] = [messages[index - 1]!, messages[index]!];
      const missing = (now.seq - before.seq - 1 + 512) % 256;
      const gapMs = now.atMs - before.atMs;
      afterArrival.set(missing, (afterArrival.get(missing) ?? 0) + 1);
      own += missing;
      if (now.seq < before.seq) wraps += 1;
      if (gapMs > 1.5 * intervalMs) longGaps += 1;
      if (gapMs > 24 * intervalMs) silences += 1;
      if (missing === 0) onTimeMs.push(gapMs - intervalMs);
    }
    lossByDevice.push(own / (own + messages.length - 1));
    lost += own;
    arrived += messages.length - 1;
  }
  return {
    loss: lost / (lost + arrived),
    lossAt: (share: number) => quantileOf(lossByDevice, share),
    after: (missing: number) => (afterArrival.get(missing) ?? 0) / arrived,
    longest: Math.max(...afterArrival.keys()),
    wrapsPerMessage: wraps / arrived,
    longGaps: longGaps / arrived,
    silences,
    onTimeMs,
  };
}

/** What the distances say: steps, scatter against the median of seven, isolated spikes, emptyings. */
export function measureDistances(heard: readonly Heard[][], codeM: number) {
  const residualsM: number[] = [];
  const emptyingsM: number[] = [];
  let [rows, codes, spikes, onGrid, jumps] = [0, 0, 0, 0, 0];
  for (const messages of heard) {
    rows += messages.length;
    const values = messages.flatMap(({ distanceM }) => (distanceM === null || distanceM >= codeM ? [] : [distanceM]));
    codes += messages.length - values.length;
    onGrid += values.filter((value) => Math.abs(value / 0.02 - Math.round(value / 0.02)) < 1e-6).length;
    for (let index = 3; index < values.length - 3; index++) {
      const value = values[index]!;
      const [before, after] = [values[index - 1]!, values[index + 1]!];
      residualsM.push(Math.abs(value - quantileOf(values.slice(index - 3, index + 4), 0.5)));
      const isAlone = Math.abs(value - before) > 0.3 && Math.abs(value - after) > 0.3;
      if (isAlone && Math.abs(after - before) < 0.15) spikes += 1;
      if (value - before < 0.4) continue;
      jumps += 1;
      // it lasts when three before and three after differ as well
      const [wasM, isM] = [values.slice(index - 3, index), values.slice(index + 1, index + 4)].map((three) =>
        quantileOf(three, 0.5),
      );
      if (isM! - wasM! >= 0.3) emptyingsM.push(value - before);
    }
  }
  const shareOver = (limitM: number): number => residualsM.filter((m) => m > limitM).length / residualsM.length;
  return {
    residualsM,
    shareOver,
    codes: codes / rows,
    spikes: spikes / rows,
    onGrid: onGrid / (rows - codes),
    jumps: jumps / rows,
    emptyingsM,
  };
}

/** Runs without any change that last so many days or more. */
export function measureStuck(heard: readonly Heard[][], days: number): number {
  let runs = 0;
  for (const messages of heard) {
    let sinceMs = messages[0]?.atMs ?? 0;
    messages.forEach((now, index) => {
      const isLast = index === messages.length - 1;
      if (index > 0 && now.distanceM === messages[index - 1]!.distanceM && !isLast) return;
      if (index > 0 && messages[index - 1]!.atMs - sinceMs >= days * 86_400_000) runs += 1;
      sinceMs = now.atMs;
    });
  }
  return runs;
}
