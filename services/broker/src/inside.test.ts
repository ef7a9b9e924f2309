import { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import { expect, test } from 'vitest';
import { inner, type InnerAedes } from './inside.ts';

test('the inner parts of the MQTT engine that the guards replace are where they are expected', async () => {
  const aedes = await Aedes.createBroker();
  const conn = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const client = inner(aedes.handle(conn));
  const parser = Object.getPrototypeOf(client._parser) as Record<string, unknown>;
  for (const name of [
    'parse',
    '_parseHeader',
    '_parseLength',
    '_parseConnect',
    '_parsePublish',
    '_parseDisconnect',
    '_parseProperties',
    '_parseByte',
    '_parseConfirmation',
    '_parseSubscribe',
    '_parseUnsubscribe',
    '_parseString',
    '_parseNum',
    '_parseMessageId',
    '_emitError',
  ]) {
    expect(parser[name], name).toBeTypeOf('function');
    expect(Object.hasOwn(client._parser, name), name).toBe(false);
  }
  expect(client._parser).toMatchObject({ error: null, packet: { length: -1 }, _list: { length: 0 } });
  expect(client._parser._queue).toEqual([]);
  expect(client).toMatchObject({ subscriptions: {}, clean: true, _parsingBatch: 1, _keepaliveInterval: -1 });
  expect(client._nextBatch).toBeTypeOf('function');
  expect(aedes as unknown as InnerAedes).toMatchObject({ clients: {} });
  conn.destroy();
  await new Promise<void>((resolve) => aedes.close(resolve));
});
