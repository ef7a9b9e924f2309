import { quantityOf } from '@ronde/contracts';
import type { Delivery, Message, Network, Value } from './model.ts';
import { protoWriter, type ProtoWriter } from './protobuf.ts';

const GROUP = 'rondestad';
/** Devices behind one edge node. */
const PER_EDGE = 100;
const ALIASES_EACH = 100;
const SEQUENCE = 256;
const DATA_TYPE = { uint64: 8, double: 10, boolean: 11 } as const;

/** What an edge node remembers. */
interface Edge {
  seq: number;
  born: Set<string>;
}

/**
 * Sparkplug B (Eclipse Tahu's sparkplug_b.proto): an edge node is born, then its devices, and data refers to the aliases
 * of the birth. Every other edge node also repeats the names, as lenient devices do.
 */
export function openSparkplug(): Network {
  const edges = new Map<string, Edge>();
  return {
    id: 'sparkplug',
    source: 'sparkplug',
    transport: 'mqtt',
    carries: 'values',
    counterBits: 32,
    maxBytes: Infinity,
    lossy: false,
    joins: false,
    perEdge: PER_EDGE,
    namesOf: (index) => ({ networkId: `${GROUP}/edge-${Math.floor(index / PER_EDGE)}/device-${index}` }),
    up: (delivery) => messagesOf(edges, [delivery]),
    batch: (deliveries) => messagesOf(edges, deliveries),
  };
}

/** What waited is marked as historical beside the newest values. */
function messagesOf(edges: Map<string, Edge>, deliveries: readonly Delivery[]): Message[] {
  const newest = deliveries.at(-1)!;
  const [group = '', edgeId = '', deviceId = ''] = newest.ids.networkId.split('/');
  const messages: Message[] = [];
  let edge = edges.get(edgeId);
  if (!edge) {
    edges.set(edgeId, (edge = { seq: 0, born: new Set<string>() }));
    messages.push({ to: `spBv1.0/${group}/NBIRTH/${edgeId}`, body: nodeBirth(newest, nextSeq(edge)) });
  }
  if (!edge.born.has(deviceId)) {
    edge.born.add(deviceId);
    const body = payloadOf([newest], { seq: nextSeq(edge), withNames: true });
    messages.push({ to: `spBv1.0/${group}/DBIRTH/${edgeId}/${deviceId}`, body });
    if (deliveries.length === 1) return messages;
  }
  const withNames = Number(edgeId.slice(edgeId.lastIndexOf('-') + 1)) % 2 === 1;
  const body = payloadOf(deliveries, { seq: nextSeq(edge), withNames });
  return [...messages, { to: `spBv1.0/${group}/DDATA/${edgeId}/${deviceId}`, body }];
}

function nextSeq(edge: Edge): number {
  const { seq } = edge;
  edge.seq = (seq + 1) % SEQUENCE;
  return seq;
}

function nodeBirth({ atMs }: Delivery, seq: number): Uint8Array {
  return protoWriter()
    .uint(1, atMs)
    .message(2, (metric) => void metric.text(1, 'bdSeq').uint(3, atMs).uint(4, DATA_TYPE.uint64).present(11, 0))
    .message(
      2,
      (metric) => void metric.text(1, 'Node Control/Rebirth').uint(3, atMs).uint(4, DATA_TYPE.boolean).present(14, 0),
    )
    .present(3, seq)
    .finish();
}

function payloadOf(deliveries: readonly Delivery[], given: { seq: number; withNames: boolean }): Uint8Array {
  const newest = deliveries.at(-1)!;
  const { networkId } = newest.ids;
  // an alias belongs to the whole edge node, not to one device
  const firstAlias = (Number(networkId.slice(networkId.lastIndexOf('-') + 1)) % PER_EDGE) * ALIASES_EACH + 1;
  const payload = protoWriter().uint(1, newest.atMs);
  for (const delivery of deliveries) {
    delivery.values.forEach((value, index) => {
      payload.message(2, (metric) => {
        if (given.withNames) metric.text(1, value[0]);
        metric.present(2, firstAlias + index);
        metric.uint(3, delivery.deviceMs ?? delivery.atMs);
        metric.bool(5, delivery !== newest);
        writeValue(metric, value);
      });
    });
  }
  return payload.present(3, given.seq).finish();
}

function writeValue(metric: ProtoWriter, [quantity, value]: Value): void {
  const binary = quantityOf(quantity).binary === true;
  metric.uint(4, binary ? DATA_TYPE.boolean : DATA_TYPE.double);
  if (value === null) metric.bool(7, true);
  else if (binary) metric.present(14, value);
  else metric.presentDouble(13, value);
}
