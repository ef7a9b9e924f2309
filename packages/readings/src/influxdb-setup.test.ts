import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { setUpInflux, type InfluxSetupOptions } from './influx-setup.ts';

interface Made {
  id: string;
  name?: string;
  description?: string;
  flux?: string;
  permissions?: { action: string; resource: { id: string } }[];
}

/** The five collections that the set-up speaks to, as InfluxDB 2.7 answers. */
async function startCollections(isNew: boolean) {
  const made: Record<string, Made[]> = { orgs: [], buckets: [], tasks: [], authorizations: [] };
  const writes: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname } = new URL(request.url ?? '/', 'http://x');
      const kind = pathname.split('/')[3] ?? '';
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const body = (text ? JSON.parse(text) : {}) as Made & { org?: string };
      if (request.method !== 'GET') writes.push(`${request.method} ${kind}`);
      const reply = (value: object): void => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      };
      if (kind === 'setup' && request.method === 'GET') return reply({ allowed: isNew });
      if (kind === 'setup') {
        isNew = false;
        made['orgs']!.push({ id: 'o1', name: body.org! });
        return reply({ auth: { token: 'first' } });
      }
      if (request.headers.authorization !== 'Token first') return void response.writeHead(401).end('{}');
      if (request.method === 'GET') return reply({ [kind]: made[kind] });
      const nameInFlux = /option task = \{name: "([^"]+)"/.exec(body.flux ?? '')?.[1];
      const one = { ...body, id: `${kind}${made[kind]!.length}`, ...(nameInFlux && { name: nameInFlux }) };
      made[kind]!.push(one);
      reply({ ...one, token: `token-${made[kind]!.length}` });
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, made, writes };
}

const options = (url: string, more: Partial<InfluxSetupOptions> = {}): InfluxSetupOptions => ({
  url,
  org: 'ronde',
  bucket: 'ronde',
  retentionDays: 90,
  hourlyDays: 1_826,
  renew: false,
  dryRun: false,
  ...more,
});

test('a new server gets user, organisation, buckets, tasks and narrow tokens; a second time nothing is made', async () => {
  const { url, made, writes } = await startCollections(true);
  const first = await setUpInflux(options(url, { username: 'admin', password: 'long-enough' }));
  expect(made['buckets']!.map(({ name }) => name)).toEqual(['ronde', 'ronde-hourly', 'ronde-daily']);
  expect(made['tasks']!.map(({ name }) => name)).toEqual(['ronde-hourly', 'ronde-daily', 'ronde-settle']);
  const rights = made['authorizations']!.map(({ permissions = [] }) =>
    permissions.map(({ action, resource }) => `${action} ${resource.id}`),
  );
  expect(rights[1]).toEqual(['read buckets0', 'read buckets1', 'read buckets2']);
  expect(rights[2]).toEqual(['write buckets0']);
  expect(first.env).toMatchObject({
    READINGS_URL: `influxdb+${url}`,
    INFLUX_TOKEN: 'token-1',
    INFLUX_READ_TOKEN: 'token-2',
  });
  const before = writes.length;
  const second = await setUpInflux(options(url, { token: 'first' }));
  expect(second.steps.map(({ status }) => status)).toEqual(Array(10).fill('kept'));
  expect([writes.length, second.env['INFLUX_TOKEN']]).toEqual([before, undefined]);
});

test('a dry run makes nothing', async () => {
  const { url, writes } = await startCollections(false);
  const { steps } = await setUpInflux(options(url, { token: 'first', dryRun: true }));
  expect([steps.length, writes]).toEqual([10, []]);
});

test('what is missing or too weak is said with the way out', async () => {
  const fresh = await startCollections(true);
  await expect(setUpInflux(options(fresh.url))).rejects.toThrow('--username');
  const old = await startCollections(false);
  await expect(setUpInflux(options(old.url))).rejects.toThrow('--token');
  await expect(setUpInflux(options(old.url, { token: 'weak' }))).rejects.toThrow('all-access');
  await expect(setUpInflux(options(old.url, { token: 'first', bucket: 'a") |> drop()' }))).rejects.toThrow('--bucket');
});
