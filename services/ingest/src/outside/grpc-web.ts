import { causeOf, faultOf, type NetworkFault } from './http.ts';

export interface GrpcWebCall {
  /** Address of the server, the service's method behind it: `https://host/api.InternalService/StreamDeviceEvents`. */
  url: string;
  headers: Record<string, string>;
  /** The request as protobuf. */
  message: Uint8Array;
  /** Ends a stream that the server keeps open: how long nothing may come after so many messages. */
  quietMs: (messages: number) => number;
  /** How long the first answer is waited for. */
  timeoutMs: number;
}

const LONGEST_MS = 60_000;
const MAX_BYTES = 4 * 1024 * 1024;
const HEAD_BYTES = 5;
const TRAILERS = 0x80;
const STATUS_OK = '0';
/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE. */
const RETRIABLE = new Set(['2', '4', '8', '10', '13', '14']);
/** NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED. */
const HTTP_STATUS: Record<string, number> = { 5: 404, 7: 403, 16: 401 };

/**
 * Reads the messages of a server stream over gRPC-Web, which needs no more than HTTP/1.1; what came before a fault is kept.
 * @see grpc/grpc PROTOCOL-WEB.md: a flag byte, a length of four, then a message, or the trailers in a last frame
 */
export async function readGrpcWeb(call: GrpcWebCall): Promise<{ messages: Uint8Array[]; fault?: NetworkFault }> {
  const messages: Uint8Array[] = [];
  const ending = new AbortController();
  let timer = setTimeout(() => ending.abort(), call.timeoutMs);
  const last = setTimeout(() => ending.abort(), LONGEST_MS);
  let isAnswered = false;
  try {
    const answer = await fetch(call.url, {
      method: 'POST',
      headers: { 'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1', ...call.headers },
      body: Buffer.from(frameOf(call.message)),
      redirect: 'error',
      signal: ending.signal,
    });
    isAnswered = answer.ok;
    if (!answer.ok) return { messages, fault: faultOf(answer, await answer.text()) };
    const refused = faultOfStatus(answer.headers.get('grpc-status'), answer.headers.get('grpc-message'));
    if (refused) return { messages, fault: refused };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => ending.abort(), call.quietMs(messages.length));
    };
    wait();
    return { messages, ...(await readFrames(answer, messages, wait)) };
  } catch (thrown) {
    // a stream of a log has no end: ours is that nothing more comes
    if (isAnswered && ending.signal.aborted) return { messages };
    return { messages, fault: { retriable: true, detail: `the network does not answer: ${causeOf(thrown)}` } };
  } finally {
    clearTimeout(timer);
    clearTimeout(last);
    ending.abort();
  }
}

async function readFrames(
  { body }: Response,
  messages: Uint8Array[],
  onMessage: () => void,
): Promise<{ fault?: NetworkFault }> {
  let rest = Buffer.alloc(0);
  let bytes = 0;
  for await (const part of body ?? []) {
    rest = Buffer.concat([rest, part as Uint8Array]);
    bytes += (part as Uint8Array).length;
    if (bytes > MAX_BYTES) return { fault: { retriable: false, detail: 'the network answers more than fits' } };
    while (rest.length >= HEAD_BYTES && rest.length >= HEAD_BYTES + rest.readUInt32BE(1)) {
      const end = HEAD_BYTES + rest.readUInt32BE(1);
      const content = rest.subarray(HEAD_BYTES, end);
      if (rest[0]! & TRAILERS) return trailersOf(content.toString('utf8'));
      messages.push(content);
      rest = rest.subarray(end);
      onMessage();
    }
  }
  return rest.length === 0 ? {} : { fault: { retriable: true, detail: 'the answer broke off within a message' } };
}

function trailersOf(text: string): { fault?: NetworkFault } {
  const by = new Map(text.split('\r\n').map((line) => line.split(/:\s*/, 2) as [string, string]));
  const fault = faultOfStatus(by.get('grpc-status') ?? null, by.get('grpc-message') ?? null);
  return fault ? { fault } : {};
}

function faultOfStatus(status: string | null, message: string | null): NetworkFault | undefined {
  if (status === null || status === STATUS_OK) return undefined;
  const detail = `the network answered gRPC status ${status}: ${message ?? ''}`.slice(0, 200);
  return { retriable: RETRIABLE.has(status), detail, status: HTTP_STATUS[status] };
}

function frameOf(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
