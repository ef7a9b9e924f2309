import { z } from 'zod';
import type { EnvelopeContext, Recall } from './parsed.ts';
import type { Metric } from './sparkplug-payload.ts';

/** What a birth says of one metric; later messages name it by alias alone. */
export interface Announced {
  name: string;
  type?: number | undefined;
  unit?: string | undefined;
}
const Entry = z.tuple([z.number(), z.string(), z.number().nullable(), z.string().nullable()]);
/** One life of an edge node: from its NBIRTH on, with the aliases of the node itself ('') and of each device born since. */
const Birth = z.object({
  receivedAtMs: z.number(),
  seq: z.number(),
  bdSeq: z.number().nullable(),
  tables: z.array(z.tuple([z.string(), z.array(Entry)])),
});
export type Birth = z.infer<typeof Birth>;
const Births = z.array(Birth);

// frames read again find the life they belong to; more are not needed
const MAX_BIRTHS = 3;

/** Where the births of an edge node are remembered. */
export const birthsKey = (group: string, edge: string): string => `sparkplug:${group}/${edge}`;

function birthsIn(recall: Recall | undefined, key: string): Birth[] {
  const read = Births.safeParse(recall?.get(key));
  return read.success ? read.data : [];
}

/**
 * Gives the life of the edge node that a message belongs to: the last birth before it. A message that is read again after
 * it came too early is explained by the birth that followed.
 */
export function birthOf(key: string, { recall, receivedAtMs, seq = 0, isReplay }: EnvelopeContext): Birth | undefined {
  const births = birthsIn(recall, key);
  const before = births.findLast(
    (birth) => birth.receivedAtMs < receivedAtMs || (birth.receivedAtMs === receivedAtMs && birth.seq <= seq),
  );
  return before ?? (isReplay ? births[0] : undefined);
}

/** Remembers that an edge node was born; its devices have to be born again. */
export function rememberNode(
  key: string,
  context: EnvelopeContext,
  born: { bdSeq: number | null; metrics: Metric[] },
): void {
  const { recall, receivedAtMs, seq = 0 } = context;
  const birth: Birth = { receivedAtMs, seq, bdSeq: born.bdSeq, tables: [['', tableOf(born.metrics)]] };
  const earlier = birthsIn(recall, key).filter((one) => one.receivedAtMs !== receivedAtMs || one.seq !== seq);
  const births = [...earlier, birth].sort((a, b) => a.receivedAtMs - b.receivedAtMs || a.seq - b.seq);
  recall?.set(key, births.slice(-MAX_BIRTHS));
}

/** Remembers a device's birth within the life of its edge node. */
export function rememberDevice(
  key: string,
  birth: Birth,
  born: { device: string; metrics: Metric[]; recall?: Recall | undefined },
): void {
  const tables: Birth['tables'] = birth.tables.filter(([name]) => name !== born.device);
  const next = { ...birth, tables: [...tables, [born.device, tableOf(born.metrics)] as Birth['tables'][number]] };
  const same = (one: Birth): boolean => one.receivedAtMs === birth.receivedAtMs && one.seq === birth.seq;
  born.recall?.set(
    key,
    birthsIn(born.recall, key).map((one) => (same(one) ? next : one)),
  );
}

function tableOf(metrics: readonly Metric[]): z.infer<typeof Entry>[] {
  return metrics.flatMap(({ alias, name, dataType, properties }) =>
    alias === undefined || name === undefined ? [] : [[alias, name, dataType ?? null, properties ?? null]],
  );
}

/** Gives the aliases of a device, or of the node itself (''), by number; undefined when it was not born in this life. */
export function aliasesOf(birth: Birth | undefined, device: string): Map<number, Announced> | undefined {
  const table = birth?.tables.find(([name]) => name === device)?.[1];
  return (
    table &&
    new Map(
      table.map(([alias, name, type, unit]) => [alias, { name, type: type ?? undefined, unit: unit ?? undefined }]),
    )
  );
}
