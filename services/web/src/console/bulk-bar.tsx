import { signal, useSignal } from '@preact/signals';
import type { Device, DeviceBulkInput, DeviceBulkResult, Problem } from '@ronde/contracts';
import { call, type Answer } from '../shared/rest.ts';
import { showToast } from '../shared/ui/toast.tsx';
import { statusName } from './device/text.ts';
import { ProblemNote } from './problem-note.tsx';
import { t } from './text.ts';

const ACTIONS = ['tag', 'untag', 'maintenance', 'in-stock', 'retire'] as const;
type Action = (typeof ACTIONS)[number];

/** Ids of the devices that are ticked. */
export const chosen = signal<ReadonlySet<string>>(new Set());

/** Ticks a device, or takes the tick away. */
export function choose(id: string): void {
  const next = new Set(chosen.value);
  if (!next.delete(id)) next.add(id);
  chosen.value = next;
}

const refused = signal<DeviceBulkResult['items']>([]);

/** What can be done with all devices that are ticked. */
export function BulkBar({ found, onChanged }: { found: readonly Device[]; onChanged(): void }) {
  const action = useSignal<Action>('tag');
  const tag = useSignal('');
  const problem = useSignal<Problem | undefined>(undefined);
  const isSure = useSignal(false);
  const n = chosen.value.size;
  const needsTag = action.value === 'tag' || action.value === 'untag';
  const run = async (): Promise<void> => {
    if (action.value === 'retire' && !isSure.value) {
      isSure.value = true;
      return;
    }
    const before = found.filter(({ id }) => chosen.value.has(id));
    const answer = await bulk({ ids: [...chosen.value], ...changeOf(action.value, tag.value.trim()) });
    problem.value = answer.ok ? undefined : answer.problem;
    isSure.value = false;
    if (!answer.ok) return;
    tell(answer.value, undoOf(action.value, { tag: tag.value.trim(), before, result: answer.value, onChanged }));
    chosen.value = new Set();
    onChanged();
  };
  if (n === 0) return <Refusals />;
  return (
    <form
      class="bulk"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <strong role="status">{t('bulkChosen', { n })}</strong>
      {found.length > n && (
        <button
          type="button"
          class="utrecht-button utrecht-button--subtle"
          onClick={() => (chosen.value = new Set(found.map(({ id }) => id)))}
        >
          {t('bulkAll', { n: found.length })}
        </button>
      )}
      <label>
        <span class="visually-hidden">{t('bulkAction')}</span>
        <select
          class="utrecht-textbox"
          value={action.value}
          onChange={(event) => {
            action.value = event.currentTarget.value as Action;
            isSure.value = false;
          }}
        >
          {ACTIONS.map((one) => (
            <option key={one} value={one}>
              {one === 'maintenance' || one === 'in-stock'
                ? t('bulkStatus', { status: statusName(one) })
                : t(`bulk_${one}`)}
            </option>
          ))}
        </select>
      </label>
      {needsTag && (
        <label>
          <span class="visually-hidden">{t('bulkTag')}</span>
          <input
            class="utrecht-textbox"
            required
            maxLength={60}
            placeholder={t('bulkTag')}
            value={tag.value}
            onInput={(event) => (tag.value = event.currentTarget.value)}
          />
        </label>
      )}
      {isSure.value && <strong role="alert">{t('bulkSure', { n })}</strong>}
      <button type="submit" class="utrecht-button utrecht-button--primary-action">
        {isSure.value ? t('bulk_retire') : t('bulkRun')}
      </button>
      <button type="button" class="utrecht-button utrecht-button--subtle" onClick={() => (chosen.value = new Set())}>
        {t('bulkNone')}
      </button>
      <ProblemNote problem={problem.value} />
    </form>
  );
}

/** Devices that the last change was refused for, each with the reason. */
function Refusals() {
  if (refused.value.length === 0) return null;
  return (
    <div class="utrecht-alert utrecht-alert--warning" role="alert">
      <p>{t('bulkRefused', { n: refused.value.length })}</p>
      <ul>
        {refused.value.slice(0, 20).map(({ id, message }) => (
          <li key={id}>
            <code>{id}</code>: {message}
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="utrecht-button utrecht-button--secondary-action"
        onClick={() => (refused.value = [])}
      >
        {t('bulkSeen')}
      </button>
    </div>
  );
}

function changeOf(action: Action, tag: string): Omit<DeviceBulkInput, 'ids'> {
  if (action === 'tag' || action === 'untag') return { action, tags: [tag] };
  return action === 'retire' ? { action } : { action: 'status', status: action };
}

interface UndoParts {
  tag: string;
  before: readonly Device[];
  result: DeviceBulkResult;
  onChanged(): void;
}

/** How to take back what was changed; retiring takes devices off their bins and cannot be taken back for many at once. */
function undoOf(action: Action, { tag, before, result, onChanged }: UndoParts): (() => Promise<void>) | undefined {
  const ids = result.items.filter(({ outcome }) => outcome === 'changed').map(({ id }) => id);
  if (action === 'retire' || ids.length === 0) return undefined;
  return async () => {
    if (action === 'tag') await bulk({ ids, action: 'untag', tags: [tag] });
    else if (action === 'untag') await bulk({ ids, action: 'tag', tags: [tag] });
    else {
      const changed = before.filter(({ id }) => ids.includes(id));
      for (const [status, own] of Map.groupBy(changed, (device) => device.status))
        await bulk({ ids: own.map(({ id }) => id), action: 'status', status });
    }
    onChanged();
  };
}

const bulk = (body: DeviceBulkInput): Promise<Answer<DeviceBulkResult>> =>
  call<DeviceBulkResult>('/v1/devices/bulk', { method: 'POST', body });

function tell(result: DeviceBulkResult, undo: (() => Promise<void>) | undefined): void {
  refused.value = result.items.filter(({ outcome }) => outcome === 'refused');
  showToast(t('bulkDone', { n: result.changed }), undo && { label: t('undo'), run: () => void undo() });
}
