/** One uplink as a codec sees it. */
export interface CodecInput {
  bytes: Uint8Array;
  fPort: number;
  /** RFC 3339 time of reception; the codec's clock stands still at it. */
  recvTime: string;
}

/** Writes one uplink as the guest's call function reads it; by hand, since it is done for every message. */
export function toUplinkText({ bytes, fPort, recvTime }: CodecInput): string {
  return `{${clockAt(recvTime)},"input":{"bytes":[${bytes.join(',')}],"fPort":${Number(fPort)}}}`;
}

/** Writes the input of any routine; what is not the routine's own (clock, context) goes beside it. */
export function toCallText(input: Record<string, unknown>): string {
  const { recvTime, nowMs, context, ...own } = input;
  const clock = typeof recvTime === 'string' ? clockAt(recvTime) : `"nowMs":${Number(nowMs) || 0}`;
  const kept = context === undefined ? '' : `"context":${JSON.stringify(context)},`;
  return `{${clock},${kept}"input":${JSON.stringify(own)}}`;
}

/** A time that a Date writes back as it came needs no text beside it. */
function clockAt(recvTime: string): string {
  const time = new Date(recvTime);
  const nowMs = time.getTime() || 0;
  const isPlain = nowMs !== 0 && time.toISOString() === recvTime;
  return `"nowMs":${nowMs},"recvText":${isPlain ? 'null' : JSON.stringify(recvTime)}`;
}
