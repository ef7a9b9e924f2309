import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** An S3 store as the protocol has it: it checks Signature Version 4 by its own reading, pages lists and answers in XML. */
export interface S3Double {
  url: string;
  objects: Map<string, Buffer>;
  requests: string[];
  /** Status to answer everything with; undefined = well. */
  trouble: number | undefined;
}

const PAGE = 2;
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Starts the double for one key pair; it ends with the test. */
export async function startS3Double(keys: { accessKey: string; secretKey: string }): Promise<S3Double> {
  const double: S3Double = { url: '', objects: new Map(), requests: [], trouble: undefined };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks)));
  });
  const answer = (request: IncomingMessage, response: ServerResponse, body: Buffer): void => {
    double.requests.push(`${request.method} ${request.url}`);
    const refuse = (status: number, code: string): void =>
      void response.writeHead(status).end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
    if (double.trouble !== undefined) return refuse(double.trouble, 'SlowDown');
    if (request.headers['x-amz-content-sha256'] !== sha256(body)) return refuse(400, 'XAmzContentSHA256Mismatch');
    if (request.headers.authorization !== authorization(request, keys)) return refuse(403, 'SignatureDoesNotMatch');
    const url = new URL(request.url!, 'http://double');
    const key = decodeURIComponent(url.pathname.slice(1));
    if (request.method === 'PUT') double.objects.set(key, body);
    else if (request.method === 'DELETE') double.objects.delete(key);
    else if (url.searchParams.has('list-type')) return void response.end(list(double.objects, key, url.searchParams));
    else if (!double.objects.has(key)) return refuse(404, 'NoSuchKey');
    else return void response.end(double.objects.get(key));
    response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  double.url = `s3+http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/city`;
  return double;
}

/** The header that a right client sends: AWS, "Create a signed AWS API request". */
function authorization(
  request: IncomingMessage,
  { accessKey, secretKey }: { accessKey: string; secretKey: string },
): string {
  const given = request.headers.authorization ?? '';
  const [, scope = '', names = ''] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(given) ?? [];
  const [path = '', query = ''] = request.url!.split('?');
  const canonical = [
    request.method,
    path,
    query.split('&').filter(Boolean).sort().join('&'),
    ...names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    names,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  let key: Buffer | string = `AWS4${secretKey}`;
  for (const part of scope.split('/')) key = hmac(key, part);
  const signature = hmac(key, toSign).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKey}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

function list(objects: Map<string, Buffer>, bucket: string, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const keys = [...objects.keys()].sort().map((key) => key.slice(bucket.length + 1));
  const under = keys.filter((key) => key.startsWith(prefix));
  const direct = under.filter((key) => !key.slice(prefix.length).includes('/'));
  const folders = new Set(
    under.filter((key) => !direct.includes(key)).map((key) => key.slice(0, key.indexOf('/', prefix.length) + 1)),
  );
  const from = Number(query.get('continuation-token') ?? 0);
  const page = direct.slice(from, from + PAGE);
  const next = from + PAGE < direct.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : '';
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  const common = [...folders].map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`).join('');
  return `<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><Prefix>${prefix}</Prefix>${contents}${common}${next}</ListBucketResult>`;
}
