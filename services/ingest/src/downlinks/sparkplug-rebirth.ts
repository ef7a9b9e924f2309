import type { Bus } from '@ronde/bus';
import type { Cancel, Clock, Logger, Service } from '@ronde/kit';
import type { Registry } from '@ronde/registry';
import { REBIRTH, edgeOf } from '../sources/sparkplug.ts';
import type { MqttOutlet } from './outlet.ts';

export interface RebirthParts {
  registry: Pick<Registry, 'integrations'>;
  bus: Pick<Bus, 'on'>;
  /** Absent where an outside broker is followed: nobody is asked then. */
  mqtt?: MqttOutlet | undefined;
  clock: Clock;
  log: Logger;
}

/** An edge node gets this long to be born before it is asked again. */
const AGAIN_MS = 60_000;
const MOST_EDGES = 10_000;

/**
 * Asks Sparkplug B edge nodes to be born again when a message could not be explained by their birth, or a part of their
 * sequence is missing: it may have held a birth.
 * @see Sparkplug 3.0, "NCMD": metric "Node Control/Rebirth", true; a command has no seq
 */
export function createRebirths({ registry, bus, mqtt, clock, log }: RebirthParts): Service {
  const askedMs = new Map<string, number>();
  let end: Cancel = () => undefined;

  async function ask(tenant: string, topic: string): Promise<void> {
    const edge = edgeOf(topic);
    const id = `${tenant} ${edge?.group}/${edge?.edge}`;
    if (!edge || !mqtt || clock.nowMs() - (askedMs.get(id) ?? -Infinity) < AGAIN_MS) return;
    if (askedMs.size >= MOST_EDGES) askedMs.clear();
    askedMs.set(id, clock.nowMs());
    const command = { topic: `spBv1.0/${edge.group}/NCMD/${edge.edge}`, payload: rebirthAt(clock.nowMs()) };
    const integrations = (await registry.integrations.all(tenant)).filter(({ source }) => source === 'sparkplug');
    const isHeard = integrations.some((one) => mqtt.publishToNetwork({ integrationId: one.id, ...command }));
    log.info({ group: edge.group, edge_node: edge.edge, heard: isHeard }, 'ingest.rebirth.ask');
  }

  return {
    async start() {
      end = bus.on('dead-letter.stored', async ({ tenant, deadLetter }) => {
        const { source, remedy, topic } = deadLetter;
        if (source === 'sparkplug' && remedy.includes(REBIRTH)) await ask(tenant, topic);
      });
    },
    async stop() {
      end();
    },
  };
}

const BOOLEAN = 11;

/** Payload {timestamp 1, metrics 2 {name 1, timestamp 3, datatype 4, boolean_value 14}} of sparkplug_b.proto. */
function rebirthAt(atMs: number): Uint8Array {
  const name = Buffer.from('Node Control/Rebirth');
  const time = varint(atMs);
  const metric = [0x0a, name.length, ...name, 0x18, ...time, 0x20, BOOLEAN, 0x70, 1];
  return Uint8Array.from([0x08, ...time, 0x12, metric.length, ...metric]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}
