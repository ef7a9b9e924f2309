import type { HealthIssueKind, IncidentKind, IncidentSpan, IncidentsDiff } from '@ronde/contracts';

/** What an incident is about. */
export interface Subject {
  kind: IncidentKind;
  assetId?: string | undefined;
  deviceId?: string | undefined;
  issue?: HealthIssueKind | undefined;
}
export type Side = 'before' | 'after';

/** Times that incidents last on either side; one at a time per subject, as they open live. */
export interface IncidentSpans {
  open(side: Side, subject: Subject, atMs: number): void;
  close(side: Side, subject: Subject, atMs: number): void;
  diff(unjudgedDevices: number): IncidentsDiff;
}

interface Span {
  fromMs: number;
  toMs: number | null;
}
interface History {
  subject: Subject;
  before: Span[];
  after: Span[];
}

const EXAMPLES = 50;

export function createIncidentSpans(): IncidentSpans {
  const histories = new Map<string, History>();
  const keyOf = ({ kind, assetId, deviceId, issue }: Subject): string => `${kind}|${assetId}|${deviceId}|${issue}`;
  const historyOf = (subject: Subject): History => {
    const key = keyOf(subject);
    const known = histories.get(key) ?? { subject, before: [], after: [] };
    histories.set(key, known);
    return known;
  };
  return {
    open(side, subject, atMs) {
      const spans = historyOf(subject)[side];
      if (spans.at(-1)?.toMs !== null || spans.length === 0) spans.push({ fromMs: atMs, toMs: null });
    },
    close(side, subject, atMs) {
      const last = histories.get(keyOf(subject))?.[side].at(-1);
      if (last?.toMs === null) last.toMs = atMs;
    },
    diff(unjudgedDevices) {
      const all = [...histories.values()];
      const gone = all.flatMap((history) => unmatched(history, 'before', 'after'));
      const extra = all.flatMap((history) => unmatched(history, 'after', 'before'));
      return {
        before: all.reduce((sum, { before }) => sum + before.length, 0),
        after: all.reduce((sum, { after }) => sum + after.length, 0),
        unjudgedDevices,
        gone: gone.length,
        extra: extra.length,
        goneExamples: gone.slice(0, EXAMPLES),
        extraExamples: extra.slice(0, EXAMPLES),
      };
    },
  };
}

/** Spans of one side that touch none of the other: one incident may open somewhat earlier or last longer and stay itself. */
function unmatched(history: History, side: Side, other: Side): IncidentSpan[] {
  const touches = (a: Span, b: Span): boolean => a.fromMs <= (b.toMs ?? Infinity) && b.fromMs <= (a.toMs ?? Infinity);
  return history[side]
    .filter((span) => !history[other].some((one) => touches(span, one)))
    .map((span) => toIncidentSpan(history.subject, span));
}

function toIncidentSpan({ kind, assetId, deviceId, issue }: Subject, { fromMs, toMs }: Span): IncidentSpan {
  return {
    kind,
    ...(assetId !== undefined && { assetId }),
    ...(deviceId !== undefined && { deviceId }),
    ...(issue !== undefined && { issue }),
    from: new Date(fromMs).toISOString(),
    to: toMs === null ? null : new Date(toMs).toISOString(),
  };
}
