import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openInbox } from '@ronde/inbox';

/*
 * Run as a process of its own, behind Mosquitto: subscribes to everything with QoS 1, writes each message to the same
 * inbox as ours with the same group commit, and acknowledges it after that. Bytes are read by hand, as the loader does:
 * a client library acknowledges message by message and would make the peer slower than it is.
 * Arguments: port, directory. Asked for "usage" it prints its CPU seconds, memory, commits and messages.
 */
const [port = '', dir = ''] = process.argv.slice(2);
const inbox = await openInbox({ dir });
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
socket.write(Buffer.from([0x10, 16, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 0, 0, 4, ...Buffer.from('sink')]));
let head = 0;

/** Length and place of the variable part of the frame at `at`; undefined while its header is not whole. */
function bodyOf(bytes: Buffer, at: number): { start: number; length: number } | undefined {
  let length = 0;
  for (let index = 1; at + index < bytes.length; index++) {
    const byte = bytes[at + index]!;
    length += (byte & 0x7f) << (7 * (index - 1));
    if (byte < 0x80) return { start: at + index + 1, length };
  }
  return undefined;
}

function take(body: Buffer): void {
  const topicEnd = 2 + body.readUInt16BE(0);
  const packetId = body.readUInt16BE(topicEnd);
  const topic = body.toString('utf8', 2, topicEnd);
  const origin = { kind: 'device', id: topic.split('/')[2] ?? '' } as const;
  const payload = body.subarray(topicEnd + 2);
  void inbox
    .append({ tenant: 'default', source: 'native', topic, receivedAtMs: Date.now(), origin, payload, packetId })
    .then(() => {
      head += 1;
      socket.write(Buffer.from([0x40, 2, packetId >> 8, packetId & 0xff]));
    });
}

let rest = Buffer.alloc(0);
socket.on('data', (data) => {
  const bytes = rest.length > 0 ? Buffer.concat([rest, data]) : data;
  let at = 0;
  for (let body = bodyOf(bytes, at); body && body.start + body.length <= bytes.length; body = bodyOf(bytes, at)) {
    const kind = bytes[at]! >> 4;
    if (kind === 3) take(bytes.subarray(body.start, body.start + body.length));
    if (kind === 2) socket.write(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x23, 1]));
    if (kind === 9) process.stdout.write('{"ready":true}\n');
    at = body.start + body.length;
  }
  rest = Buffer.from(bytes.subarray(at));
});
process.stdin.setEncoding('utf8').on('data', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const cpuS = (userCPUTime + systemCPUTime) / 1e6;
  const loopMaxMs = delay.max / 1e6;
  process.stdout.write(
    `${JSON.stringify({ cpuS, peakMemoryMb: maxRSS / 1024, commits: inbox.stats().commits, head, loopMaxMs })}\n`,
  );
});
