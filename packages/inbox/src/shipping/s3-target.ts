import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import type { S3Credentials, ShipTarget } from './target.ts';

const TIMEOUT_MS = 20_000;

/** A bucket by the S3 protocol (path-style addresses, Signature Version 4, payloads signed). */
export function openS3Target(url: string, { accessKey, secretKey, region }: S3Credentials): ShipTarget {
  // our own loop tries again: a retry in here would only hide how far behind it is
  const client = new AwsClient({
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    region,
    service: 's3',
    retries: 0,
  });
  const { origin, pathname } = new URL(url);
  const [bucket, ...rest] = pathname.split('/').filter((part) => part !== '');
  const prefix = rest.map((part) => `${part}/`).join('');
  const call = async (path: string, init: { method: string; body?: Uint8Array<ArrayBuffer> }): Promise<Response> => {
    const hash = createHash('sha256')
      .update(init.body ?? '')
      .digest('hex');
    const response = await client.fetch(`${origin}/${bucket}${path}`, {
      ...init,
      headers: { 'x-amz-content-sha256': hash },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok || (init.method === 'DELETE' && response.status === 404)) return response;
    const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
    throw new Error(`S3 answers ${response.status}${code ? ` ${code}` : ''}`);
  };
  /** Names right under a folder, page by page; `delimiter` stops at folders. */
  const list = async (folder: string, element: 'Key' | 'Prefix'): Promise<string[]> => {
    const found: string[] = [];
    let token: string | undefined;
    do {
      const query = new URLSearchParams({ 'list-type': '2', prefix: folder, delimiter: '/' });
      if (token !== undefined) query.set('continuation-token', token);
      const xml = await (await call(`?${query.toString()}`, { method: 'GET' })).text();
      const source = element === 'Prefix' ? (xml.match(/<CommonPrefixes>.*?<\/CommonPrefixes>/gs) ?? []).join('') : xml;
      // only our own names follow the last slash: digits, letters, dots and dashes
      for (const [, name] of source.matchAll(new RegExp(`<${element}>(?:[^<]*/)?([^</]+)/?</${element}>`, 'g')))
        found.push(name!);
      token = /<NextContinuationToken>([^<]+)</.exec(xml)?.[1];
    } while (token !== undefined);
    return found;
  };
  const path = (line: string, name: string): string => `/${prefix}${line}/${name}`;
  return {
    lines: () => list(prefix, 'Prefix'),
    names: async (line) => (await list(`${prefix}${line}/`, 'Key')).sort(),
    async put(line, name, bytes) {
      await (await call(path(line, name), { method: 'PUT', body: Uint8Array.from(bytes) })).arrayBuffer();
    },
    get: async (line, name) => new Uint8Array(await (await call(path(line, name), { method: 'GET' })).arrayBuffer()),
    async remove(line, name) {
      await (await call(path(line, name), { method: 'DELETE' })).arrayBuffer();
    },
  };
}
