import { useSignal } from '@preact/signals';
import type { Device, Mount, Problem } from '@ronde/contracts';
import { formatDay, formatMoment } from '../../shared/i18n/format.ts';
import { showToast } from '../../shared/ui/toast.tsx';
import { AssetLink, assetName } from '../asset-names.tsx';
import { Field, text } from '../field.tsx';
import { PlainButton } from '../plain-button.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { useLoaded } from '../use-loaded.ts';
import { mountDevice, remount, replaceDevice, swapDevice, unmountDevice } from './device-writes.ts';
import { distanceWords } from './health-card.tsx';
import { MountFields, mountOf } from './mount-fields.tsx';
import { statusName, t } from './text.ts';

type Action = 'mount' | 'unmount' | 'swap' | 'retire';

/** Where a device hangs and hung, and what can be done about it. */
export function DevicePlace({ device, onChanged }: { device: Device; onChanged(): void }) {
  const action = useSignal<Action | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const { id, assetId } = device;
  const done = (said: string, undo?: () => Promise<unknown>): void => {
    action.value = undefined;
    problem.value = undefined;
    onChanged();
    showToast(said, undo && { label: t('undo'), run: () => void undo().then(onChanged) });
  };
  const choose = (chosen: Action | undefined): void => {
    action.value = action.value === chosen ? undefined : chosen;
    problem.value = undefined;
  };
  const toStock = async (): Promise<void> => {
    const answer = await replaceDevice(device, { status: 'in-stock' });
    if (answer.ok) done(t('stocked', { id }));
    else problem.value = answer.problem;
  };
  const actions: Action[] =
    device.status === 'retired'
      ? []
      : assetId === undefined
        ? ['mount', 'retire']
        : ['mount', 'swap', 'unmount', 'retire'];
  return (
    <article class="card" aria-labelledby="place-title">
      <h3 id="place-title">{t('place')}</h3>
      <PlaceNow device={device} />
      <div class="buttons">
        {device.status === 'retired' && <PlainButton label={t('toStock')} onPress={() => void toStock()} />}
        {actions.map((one) => (
          <PlainButton
            key={one}
            label={t(one === 'mount' && assetId !== undefined ? 'remount' : one)}
            isOpen={action.value === one}
            onPress={() => choose(one)}
          />
        ))}
      </div>
      {action.value && (
        <ActionForm
          key={action.value}
          device={device}
          action={action.value}
          onDone={done}
          onProblem={(refused) => (problem.value = refused)}
          onCancel={() => choose(undefined)}
        />
      )}
      <ProblemNote problem={problem.value} />
      <History device={device} />
    </article>
  );
}

function PlaceNow({ device: { assetId, chamber, mounting } }: { device: Device }) {
  if (assetId === undefined) return <p class="soft">{t('placeNone')}</p>;
  return (
    <p>
      {t('placeOn', { asset: '' })}
      <AssetLink id={assetId} />
      {[chamber && `, ${t('chamber', { id: chamber })}`, mounting && `; ${distanceWords(mounting)}`].filter(Boolean)}
    </p>
  );
}

interface ActionFormProps {
  device: Device;
  action: Action;
  onDone(said: string, undo?: () => Promise<unknown>): void;
  onProblem(problem: Problem): void;
  onCancel(): void;
}

function ActionForm({ device, action, onDone, onProblem, onCancel }: ActionFormProps) {
  const { id } = device;
  const isBusy = useSignal(false);
  const back = async (): Promise<unknown> =>
    device.assetId === undefined
      ? unmountDevice(id, device.status === 'installed' ? 'in-stock' : device.status)
      : remount(id, { ...device, assetId: device.assetId });
  const run = async (form: FormData): Promise<void> => {
    isBusy.value = true;
    const status = text(form, 'status') as Device['status'];
    const answers = {
      mount: () => mountDevice(id, mountOf(form)),
      unmount: () => unmountDevice(id, status),
      swap: () => swapDevice(id, text(form, 'by'), status),
      retire: () =>
        device.assetId === undefined ? replaceDevice(device, { status: 'retired' }) : unmountDevice(id, 'retired'),
    };
    const answer = await answers[action]();
    isBusy.value = false;
    if (!answer.ok) return onProblem(answer.problem);
    if (action === 'mount') onDone(t('mounted', { id, asset: text(form, 'assetId') }), back);
    if (action === 'unmount') onDone(t('unmounted', { id }), back);
    if (action === 'swap') onDone(t('swapped', { id, by: text(form, 'by') }));
    if (action === 'retire') onDone(t('retired', { id }));
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(new FormData(event.currentTarget));
      }}
    >
      {action === 'mount' && <MountFields device={device} />}
      {action === 'swap' && <Field name="by" label={t('fieldBy')} isRequired />}
      {(action === 'unmount' || action === 'swap') && (
        <AfterField first={action === 'swap' ? 'maintenance' : 'in-stock'} />
      )}
      {action === 'retire' && <p class="form__wide">{t('retireSure')}</p>}
      <div class="buttons form__wide">
        <button type="submit" class="utrecht-button utrecht-button--primary-action" disabled={isBusy.value}>
          {t(action)}
        </button>
        <button type="button" class="utrecht-button utrecht-button--subtle" onClick={onCancel}>
          {t('cancel')}
        </button>
      </div>
    </form>
  );
}

function AfterField({ first }: { first: 'in-stock' | 'maintenance' }) {
  const others = ['in-stock', 'maintenance', 'retired'] as const;
  return (
    <label>
      {t('fieldAfter')}
      <select class="utrecht-textbox" name="status">
        {[first, ...others.filter((status) => status !== first)].map((status) => (
          <option key={status} value={status}>
            {statusName(status)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Stays that have ended, newest first. */
function History({ device }: { device: Device }) {
  const mounts = useLoaded<{ items: Mount[] }>(`/v1/devices/${device.id}/mounts?of=${device.assetId ?? ''}`);
  const ended = (mounts.value.value?.items ?? []).filter(({ to }) => to !== null).toReversed();
  if (ended.length === 0) return null;
  return (
    <>
      <h4>{t('history')}</h4>
      <ul class="stays">
        {ended.map(({ assetId, chamber, from, to }) => (
          <li key={from}>
            <strong>{[assetName(assetId), chamber].filter(Boolean).join(' / ')}</strong>{' '}
            <span class="soft" title={formatMoment(Date.parse(to ?? from))}>
              {t('stay', { from: dayOf(from), to: dayOf(to ?? from) })}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A stay that was registered rather than seen to begin has begun "ever". */
function dayOf(at: string): string {
  return Date.parse(at) === 0 ? t('always') : formatDay(Date.parse(at));
}
