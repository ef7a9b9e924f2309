import { describe, expect, test } from 'vitest';
import type { StoredFrame } from '@ronde/contracts';
import { parseEnvelope, readFrame } from './index.ts';
import type { Parsed, Recall } from './parsed.ts';
import { SPARKPLUG } from './protobuf-vectors.ts';
import { NOW, bytes, eventsOf, familyOf, faultsOf, memory, only } from './testing.ts';

const T = 1_700_000_000_000;
const BIN = { networkId: 'city/edge 1/bin-1', orDeviceId: 'bin-1' };

/** One edge node whose messages come one after another, with a memory that lasts. */
function edgeNode(recall: Recall = memory()) {
  let seq = 0;
  const frame = (type: string, payload: Uint8Array, at: number): StoredFrame => ({
    seq: at,
    tenant: 'default',
    source: 'sparkplug',
    topic: `spBv1.0/city/${type}/edge 1${type.startsWith('D') ? '/bin-1' : ''}`,
    receivedAtMs: NOW + at,
    origin: { kind: 'integration', id: 'spb' },
    payload,
  });
  return {
    recall,
    send: (type: string, name: keyof typeof SPARKPLUG): Parsed =>
      readFrame(frame(type, bytes(SPARKPLUG[name]), (seq += 1))).parse({ recall }),
    again: (type: string, name: keyof typeof SPARKPLUG, at: number): Parsed =>
      readFrame(frame(type, bytes(SPARKPLUG[name]), at)).parse({ recall, isReplay: true }),
  };
}
function born(recall?: Recall) {
  const node = edgeNode(recall);
  node.send('NBIRTH', 'nbirth');
  node.send('DBIRTH', 'dbirth');
  return node;
}

describe('birth', () => {
  test('the values of a birth are readings, in the unit it names; what is no quantity is told once', () => {
    const node = edgeNode();
    expect(node.send('NBIRTH', 'nbirth')).toMatchObject({
      uplinks: [{ device: { networkId: 'city/edge 1' }, values: [{ quantity: 'temperature', value: 21.5, atMs: T }] }],
      events: [{ kind: 'presence', online: true, device: { networkId: 'city/edge 1', orDeviceId: 'edge 1' } }],
      warnings: [],
    });
    const parsed = node.send('DBIRTH', 'dbirth');
    expect(parsed).toMatchObject({
      uplinks: [
        {
          source: 'sparkplug',
          device: BIN,
          fCnt: null,
          values: [
            { quantity: 'fill', value: 0.42, chamber: '1', atMs: T + 10 },
            { quantity: 'temperature', value: -4, atMs: T + 10 },
            { quantity: 'lidOpen', value: 1, atMs: T + 10 },
          ],
        },
      ],
      events: [{ kind: 'presence', online: true, device: BIN }],
    });
    expect(parsed.kind === 'read' ? parsed.warnings.map(({ message }) => message) : []).toEqual([
      '"Wobble" is not a quantity of the catalogue',
    ]);
  });

  test('a device that is born before its edge node asks for a rebirth', () => {
    expect(edgeNode().send('DBIRTH', 'dbirth')).toMatchObject({
      kind: 'refused',
      faults: [{ remedy: expect.stringContaining('rebirth') as unknown }],
    });
  });
});

describe('data', () => {
  test('aliases, types and units are those of the birth', () => {
    expect(only(born().send('DDATA', 'ddata')).values).toEqual([
      { quantity: 'fill', value: 0.435, chamber: '1', atMs: T + 59_000 },
      { quantity: 'temperature', value: -5, atMs: T + 59_000 },
      { quantity: 'lidOpen', value: Number.NaN, atMs: T + 59_000 },
    ]);
    expect(only(born().send('NDATA', 'ndata')).values).toEqual([
      { quantity: 'temperature', value: 22.25, atMs: T + 96_000 },
    ]);
  });

  test('before a birth they are refused, and explained by the birth that follows when they are read again', () => {
    const node = edgeNode();
    expect(faultsOf(node.send('DDATA', 'ddata'))).toEqual(['metrics']);
    node.send('NBIRTH', 'nbirth');
    expect(node.send('DDATA', 'ddata')).toMatchObject({
      faults: [
        { message: 'came before its birth', remedy: expect.stringContaining('Node Control/Rebirth') as unknown },
      ],
    });
    node.send('DBIRTH', 'dbirth');
    expect(only(node.again('DDATA', 'ddata', 1)).device).toEqual(BIN);
  });

  test('a rebirth of the edge node ends the aliases of its devices until they are born again', () => {
    const node = born();
    node.send('NBIRTH', 'nbirth');
    expect(faultsOf(node.send('DDATA', 'ddata'))).toEqual(['metrics']);
  });

  test('an alias that the birth does not name refuses the message rather than guess', () => {
    expect(born().send('DDATA', 'ddataUnknown')).toMatchObject({
      faults: [{ message: 'alias 99 is not in its birth' }],
    });
  });

  test('what was remembered before a restart is known after it', () => {
    const { recall } = born();
    expect(only(edgeNode(recall).again('DDATA', 'ddata', 3)).device).toEqual(BIN);
  });

  test('historical values are late, apart from those of now', () => {
    const parsed = born().send('DDATA', 'ddataHistorical');
    expect(parsed).toMatchObject({
      uplinks: [
        { values: [{ value: 0.44, atMs: T + 70_000 }] },
        { late: true, values: [{ value: 0.43, atMs: T + 30_000 }] },
      ],
    });
  });

  test('a gap of the sequence costs no value and asks for a rebirth', () => {
    const node = born();
    node.send('DDATA', 'ddata');
    expect(node.send('DDATA', 'ddataGap')).toMatchObject({
      uplinks: [{ values: [{ value: 0.45 }] }],
      warnings: [{ field: 'seq', message: 'goes from 2 to 9: 6 messages of the edge node are missing' }],
    });
    expect(node.send('DDATA', 'ddataGap')).toMatchObject({ warnings: [] });
  });

  test('a change of what is no quantity is passed over', () => {
    const node = born();
    expect(node.send('DDATA', 'ddataWobble')).toMatchObject({ warnings: [{ field: 'seq' }] });
    expect(node.send('DDATA', 'ddataWobble')).toMatchObject({ kind: 'ignored', event: 'DDATA without a quantity' });
  });
});

describe('death', () => {
  test("of an edge node is that of its devices too; of an earlier connection it is nobody's", () => {
    const node = born();
    expect(node.send('NDEATH', 'ndeathOld')).toMatchObject({ kind: 'ignored', event: 'NDEATH of an earlier birth' });
    expect(eventsOf(node.send('NDEATH', 'ndeath'))).toMatchObject([
      { kind: 'presence', online: false, device: { networkId: 'city/edge 1' } },
      { kind: 'presence', online: false, device: BIN },
    ]);
  });

  test('of a device is its own', () => {
    expect(eventsOf(born().send('DDEATH', 'ddeath'))).toEqual([
      { source: 'sparkplug', device: BIN, atMs: T + 98_000, kind: 'presence', online: false },
    ]);
  });
});

test('the decoded form reads the same, with its topic in the message or beside it', () => {
  const payload = {
    timestamp: T,
    metrics: [
      { name: 'temperature', value: 21.5, type: 'Double', properties: { engUnit: { type: 'String', value: 'Cel' } } },
      { name: 'lidOpen', value: false, type: 'Boolean' },
    ],
  };
  const topic = 'spBv1.0/city/DDATA/edge 1/bin-1';
  for (const parsed of [parseEnvelope({ topic, payload }), parseEnvelope(payload, topic)])
    expect(only(parsed)).toMatchObject({
      device: BIN,
      values: [
        { quantity: 'temperature', value: 21.5, atMs: T },
        { quantity: 'lidOpen', value: 0, atMs: T },
      ],
    });
});

test('commands and the state of hosts are passed over; other topics and bytes are refused', () => {
  for (const topic of ['spBv1.0/city/NCMD/edge 1', 'spBv1.0/city/DCMD/edge 1/bin-1', 'spBv1.0/STATE/scada'])
    expect(parseEnvelope({ metrics: [], timestamp: T }, topic).kind).toBe('ignored');
  for (const topic of ['spBv1.0/city/DDATA/edge 1', 'spBv1.0/city/NDATA/edge 1/bin-1', 'spBv1.0/a/b'])
    expect(faultsOf(parseEnvelope({ metrics: [], timestamp: T }, topic))).toEqual(['topic']);
  expect(parseEnvelope(bytes('ff'), 'spBv1.0/city/NBIRTH/edge 1').kind).toBe('refused');
});

test('an unknown unit of a known quantity is a fault, not a guess', () => {
  const metrics = [{ name: 'temperature', value: 70, properties: { engUnit: { value: 'furlong' } } }];
  const parsed = parseEnvelope({ timestamp: T, metrics }, 'spBv1.0/city/DBIRTH/edge 1/bin-1');
  expect(parsed.kind).toBe('refused');
  expect(familyOf({ topic: 'spBv1.0/city/NBIRTH/e', payload: { timestamp: T, metrics } })).toBe('sparkplug');
});
