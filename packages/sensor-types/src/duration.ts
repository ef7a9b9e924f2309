const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const SHORT = /^(\d+(?:\.\d+)?)\s*(s|sec|min|m|h|d)$/;
const SECONDS: Record<string, number> = { s: 1, sec: 1, m: 60, min: 60, h: 3_600, d: 86_400 };

/** Reads a duration as seconds: ISO 8601 of days and smaller (`PT1H`), or short (`15m`, `1h`, `4d`); undefined when it is none. */
export function durationToSeconds(text: string): number | undefined {
  const [, amount, unit] = SHORT.exec(text.trim()) ?? [];
  if (amount !== undefined && unit !== undefined) return Number(amount) * (SECONDS[unit] ?? 0);
  const match = ISO.exec(text);
  if (!match || match[0].length < 3 || text.endsWith('T')) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}
