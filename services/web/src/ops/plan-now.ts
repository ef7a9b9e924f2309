import { signal } from '@preact/signals';
import type { Plan, Problem } from '@ronde/contracts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { call } from '../shared/rest.ts';
import { serverNow } from '../shared/live/server-clock.ts';

/** How far a planning run asked for here is. */
export type PlanProgress =
  | { kind: 'idle' }
  | { kind: 'asked' }
  | { kind: 'solving'; plan: Plan }
  | { kind: 'done'; plan: Plan }
  | { kind: 'failed'; reason: string };

export const planProgress = signal<PlanProgress>({ kind: 'idle' });

const HORIZON_MS = 12 * 3_600_000;
const POLL_MS = 700;

/** Asks for rounds from now on and follows the run until it is done. */
export async function planNow(): Promise<void> {
  if (planProgress.value.kind === 'asked' || planProgress.value.kind === 'solving') return;
  planProgress.value = { kind: 'asked' };
  const fromMs = serverNow();
  const answer = await call<Plan>('/v1/plans', {
    method: 'POST',
    body: { from: new Date(fromMs).toISOString(), to: new Date(fromMs + HORIZON_MS).toISOString() },
    idempotencyKey: crypto.randomUUID(),
  });
  if (!answer.ok) return fail(answer.problem);
  await follow(answer.location ?? `/v1/plans/${answer.value.id}`, answer.value);
}

async function follow(location: string, first: Plan): Promise<void> {
  let plan = first;
  while (plan.status === 'queued' || plan.status === 'solving') {
    planProgress.value = { kind: 'solving', plan };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const answer = await call<Plan>(location);
    if (!answer.ok) return fail(answer.problem);
    plan = answer.value;
  }
  planProgress.value = plan.status === 'done' ? { kind: 'done', plan } : { kind: 'failed', reason: sayFault(plan) };
}

/** A run that failed, by its code; the server's own words beside it. */
function sayFault({ fault, faultCode: code }: Plan): string {
  const detail = fault ?? '';
  return code === undefined ? detail : problemLine({ code, detail, remedy: '' });
}

function fail(problem: Problem): void {
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field} ${message}`);
  planProgress.value = { kind: 'failed', reason: [problemLine(problem), ...fields].join('; ') };
}
