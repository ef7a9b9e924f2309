import { RondeError, parseUplinkTopic, type DeadLetter, type ReplayResult, type StoredFrame } from '@ronde/contracts';
import type { Inbox } from '@ronde/inbox';
import type { Registry } from '@ronde/registry';
import type { ReadingsStore } from '@ronde/readings';
import type { Announcer } from './announce.ts';
import { compareWithStore } from './compare.ts';
import type { Pipeline, Prepared } from './pipeline.ts';
import { EMPTY_SPAN, type SpanResult } from './span-result.ts';
import type { Identified } from './steps/item.ts';
import { deadLetterId } from './steps/ledger.ts';

export interface ReplaySpan {
  tenant: string;
  deviceId?: string | undefined;
  typeId?: string | undefined;
  fromMs: number;
  toMs: number;
  dryRun: boolean;
}

export interface Replayer {
  /**
   * Handles the frame of a dead letter again; replaying twice stores nothing twice.
   * @throws RondeError RESOURCE_UNKNOWN
   */
  deadLetter(tenant: string, id: string): Promise<ReplayResult>;
  /**
   * Reads stored raw frames of a time span of receipt again and tells what differs from the store. Without `dryRun`
   * the missing readings are stored; those stored already stay as they are.
   * @throws RondeError RATE_EXCEEDED while another replay is under way
   */
  span(span: ReplaySpan): Promise<SpanResult>;
  /** Ends a replay under way after its page. */
  stop(): void;
}

export interface ReplayParts {
  inbox: Pick<Inbox, 'get' | 'readSpan'>;
  registry: Pick<Registry, 'deadLetters'>;
  readings: Pick<ReadingsStore, 'series'>;
  pipeline: Pipeline;
  announcer: Announcer;
}

const PAGE = 500;

export function createReplayer(parts: ReplayParts): Replayer {
  const { inbox, registry, pipeline, announcer } = parts;
  let busy = false;
  let stopped = false;

  async function deadLetter(tenant: string, id: string): Promise<ReplayResult> {
    const letter = await registry.deadLetters.get(tenant, id);
    if (!letter) throw new RondeError('RESOURCE_UNKNOWN', `no dead letter ${id}`);
    const frame = await frameOf(tenant, letter, inbox);
    const prepared = await pipeline.prepare([frame], { replay: {} });
    const again = prepared.ledger.deadLetters.get(frame.seq);
    prepared.ledger.deadLetters.clear();
    const committed = await pipeline.commit(prepared);
    await registry.deadLetters.put(tenant, again ? { ...again, id } : { ...letter, status: 'replayed' });
    await announcer.announce(committed);
    const readings = committed.accepted.length;
    return again
      ? { id, status: 'open', readings, code: again.code, reason: again.reason }
      : { id, status: 'replayed', readings };
  }

  async function span(asked: ReplaySpan): Promise<SpanResult> {
    if (busy) throw new RondeError('RATE_EXCEEDED', 'another replay is under way');
    busy = true;
    try {
      const result = { ...EMPTY_SPAN, dryRun: asked.dryRun, differences: [] };
      let after = 0;
      while (!stopped) {
        const frames = await inbox.readSpan({ fromMs: asked.fromMs, toMs: asked.toMs, after, limit: PAGE });
        const own = frames.filter((frame) => frame.tenant === asked.tenant);
        if (own.length > 0) await page(own, asked, result);
        if (frames.length < PAGE) break;
        after = frames.at(-1)!.seq;
      }
      return result;
    } finally {
      busy = false;
    }
  }

  async function page(frames: StoredFrame[], asked: ReplaySpan, result: SpanResult): Promise<void> {
    const wanted = ({ device }: Identified): boolean =>
      (asked.deviceId === undefined || device.id === asked.deviceId) &&
      (asked.typeId === undefined || device.typeId === asked.typeId);
    const chosen = new Set<string>();
    const prepared = await pipeline.prepare(frames, {
      replay: {},
      only: (item) => wanted(item) && chosen.add(item.device.id).size > 0,
    });
    if (asked.deviceId !== undefined || asked.typeId !== undefined) keepLettersOf(prepared, chosen);
    result.frames += frames.length;
    result.uplinks += prepared.finished.length;
    result.dead += prepared.ledger.deadLetters.size;
    await compareWithStore(prepared, parts.readings, result);
    if (asked.dryRun) return;
    const committed = await pipeline.commit(prepared);
    result.stored += committed.accepted.length;
    await announcer.announce(committed);
  }

  return { deadLetter, span, stop: () => void (stopped = true) };
}

function keepLettersOf({ ledger }: Prepared, devices: ReadonlySet<string>): void {
  for (const [seq, letter] of ledger.deadLetters) {
    if (letter.deviceId === undefined || !devices.has(letter.deviceId)) ledger.deadLetters.delete(seq);
  }
}

/** Gives the frame of a dead letter: from the inbox, or rebuilt from the letter where the inbox has dropped it. */
export async function frameOf(tenant: string, letter: DeadLetter, inbox: Pick<Inbox, 'get'>): Promise<StoredFrame> {
  const seq = Number(/^dl-(\d+)-/.exec(letter.id)?.[1] ?? 0);
  const kept = await inbox.get(seq);
  if (kept && kept.tenant === tenant && deadLetterId(kept) === letter.id) return kept;
  const own = letter.source === 'native' ? parseUplinkTopic(letter.topic)?.deviceId : undefined;
  return {
    seq,
    tenant,
    source: letter.source,
    topic: letter.topic,
    receivedAtMs: Date.parse(letter.receivedAt),
    origin: own === undefined ? { kind: 'integration', id: 'replay' } : { kind: 'device', id: own },
    payload: new Uint8Array(Buffer.from(letter.rawBase64, 'base64')),
  };
}
