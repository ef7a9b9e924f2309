import type { Connection } from './connection.ts';

/** A line that the server will never take. */
export interface RefusedLine {
  line: string;
  reason: string;
}

// InfluxDB's own advice for one request, https://docs.influxdata.com/influxdb/v2/write-data/best-practices/optimize-writes/
const LINES_PER_REQUEST = 5_000;

/**
 * Sends lines until each is stored or refused for good. What was sent twice is stored once: a line overwrites itself.
 * Give them in order of time: what lies before a bucket's retention is then refused in one piece.
 * @throws RondeError READINGS_UNREACHABLE; some may have been stored then
 */
export async function sendLines(connection: Connection, lines: readonly string[]): Promise<RefusedLine[]> {
  const refused: RefusedLine[] = [];
  for (let from = 0; from < lines.length; from += LINES_PER_REQUEST)
    refused.push(
      ...(await sendPart(connection, lines, { from, to: Math.min(from + LINES_PER_REQUEST, lines.length) })),
    );
  return refused;
}

async function sendPart(
  connection: Connection,
  lines: readonly string[],
  { from, to }: { from: number; to: number },
): Promise<RefusedLine[]> {
  const refusal = await connection.write(lines.slice(from, to));
  if (!refusal) return [];
  const count = to - from;
  if (count === 1 || refusal.dropped === count) {
    return lines.slice(from, to).map((line) => ({ line, reason: refusal.reason }));
  }
  const middle = from + Math.ceil(count / 2);
  return [
    ...(await sendPart(connection, lines, { from, to: middle })),
    ...(await sendPart(connection, lines, { from: middle, to })),
  ];
}
