import { useComputed } from '@preact/signals';
import type { Stop } from '@ronde/contracts';
import { formatAge, formatDistance, formatPercent, formatTime } from '../shared/i18n/format.ts';
import { sayReason } from '../shared/i18n/reason-text.ts';
import { sayBreak, sayConflict } from '../shared/i18n/report-text.ts';
import { kindName, shared } from '../shared/i18n/shared-text.ts';
import { FillBadge } from '../shared/ui/fill-badge.tsx';
import { useTick } from '../shared/ui/connection-chip.tsx';
import { fractionName } from '../shared/i18n/fraction-text.ts';
import { distanceM } from './distance.ts';
import { dialog } from './held-dialog.tsx';
import { metresTo } from './position.ts';
import { serverNow } from './session.ts';
import { assets, breaksAt, leftOutBins, progress, round } from './state.ts';
import { fillOf, placeName, stopLabel, t } from './text.ts';
import { vehicleName } from './vehicle-names.ts';

/** The stop the crew is at: where, how full and since when, why, and what to know before getting out. */
export function NowCard({ stop }: { stop: Stop }) {
  const { total } = progress.value;
  const place = placeName(stop);
  const first = stop.assetIds[0] === undefined ? undefined : assets.value.get(stop.assetIds[0]);
  const isTip = stop.kind === 'disposal';
  return (
    <section class="now" aria-label={t('nowRegion')} id="content" tabIndex={-1}>
      <p class="now__number numeric">
        {t('stopNumber', { number: stop.seq, total })} ·{' '}
        {t('arrival', { time: formatTime(Date.parse(stop.eta), serverNow()) })}
        <Distance stop={stop} />
      </p>
      <h2 class="now__place">
        <span aria-hidden="true">{place}</span>
        <span class="visually-hidden">{stopLabel(stop, total)}</span>
      </h2>
      {isTip ? <p class="now__fill">{t('tipLoad')}</p> : stop.assetIds.length === 1 && <OneBin stop={stop} />}
      {stop.assetIds.length > 1 && <BinChoices stop={stop} />}
      {stop.conflicts?.map((conflict) => (
        <p key={conflict.eventId} class="utrecht-alert utrecht-alert--warning now__access">
          <strong>{t('conflict')}.</strong> {sayConflict(conflict, vehicleName)}
        </p>
      ))}
      {!isTip && <p>{sayReason(stop)}</p>}
      {breaksAt(stop).map((rest) => (
        <p key={rest.startsAt}>
          <strong>{sayBreak(rest)}</strong>
        </p>
      ))}
      {first && stop.assetIds.length === 1 && (
        <p>
          {[kindName(first.kind), ...fractionsOf(stop), ...(first.name.includes(place) ? [] : [first.name])].join(
            ' · ',
          )}
        </p>
      )}
      {notesOf(stop).map((note) => (
        <p key={note} class="utrecht-alert utrecht-alert--warning now__access">
          {note}
        </p>
      ))}
    </section>
  );
}

function Distance({ stop }: { stop: Stop }) {
  const here = metresTo(stop);
  if (here !== undefined) return <> · {t('fromHere', { distance: formatDistance(here) })}</>;
  const stops = round.value?.stops ?? [];
  const before = stops[stops.findIndex(({ id }) => id === stop.id) - 1];
  // by road, as the plan reckons; straight where it did not say
  return before ? (
    <> · {t('fromPrevious', { distance: formatDistance(stop.legM ?? distanceM(before, stop)) })}</>
  ) : null;
}

function OneBin({ stop }: { stop: Stop }) {
  const id = stop.assetIds[0] ?? '';
  return (
    <div class="now__fill">
      <FillBadge fill={fillOf(stop)} isStale={assets.value.get(id)?.state.silent ?? false} />
      <Measured assetId={id} />
      <SensorButton stop={stop} assetId={id} />
    </div>
  );
}

function Measured({ assetId }: { assetId: string }) {
  const tick = useTick(10_000);
  const words = useComputed(() => {
    void tick.value;
    const state = assets.value.get(assetId)?.state;
    if (!state) return '';
    if (!state.at) return t('notMeasured');
    const age = t('measured', { age: formatAge(serverNow() - Date.parse(state.at)) });
    return state.silent ? `${age}, ${t('sensorSilent')}` : age;
  });
  return <span class="now__age">{words}</span>;
}

function SensorButton({ stop, assetId }: { stop: Stop; assetId: string }) {
  const name = assets.value.get(assetId)?.name ?? assetId;
  return (
    <button
      type="button"
      class="utrecht-button utrecht-button--secondary-action"
      aria-label={`${t('sensorWrong')}: ${t('sensorWrongFor', { name })}`}
      onClick={() => (dialog.value = { kind: 'sensor', stop, assetId })}
    >
      {t('sensorWrong')}
    </button>
  );
}

/** Several bins at one place: all are emptied with one tap; untick what stays. */
function BinChoices({ stop }: { stop: Stop }) {
  return (
    <fieldset class="bins">
      <legend>{t('binsHere', { n: stop.assetIds.length })}</legend>
      <ul>
        {stop.assetIds.map((assetId) => (
          <BinChoice key={assetId} stop={stop} assetId={assetId} />
        ))}
      </ul>
    </fieldset>
  );
}

function BinChoice({ stop, assetId }: { stop: Stop; assetId: string }) {
  const asset = assets.value.get(assetId);
  const left = leftOutBins.value.get(assetId);
  const toggle = (): void => {
    const next = new Map(leftOutBins.value);
    if (left === undefined) next.set(assetId, 'left');
    else next.delete(assetId);
    leftOutBins.value = next;
  };
  const details = [asset?.name ?? assetId, ...(asset ? chamberFractions(asset.chambers) : [])].join(' · ');
  return (
    <li class="bins__bin">
      <label class="bins__tick">
        <input type="checkbox" checked={left === undefined} onChange={toggle} />
        <span>
          {details}
          {left === 'empty' && <em> {t('foundEmpty')}</em>}
        </span>
        <FillBadge fill={asset?.state.fill ?? null} isStale={asset?.state.silent ?? false} />
      </label>
      <SensorButton stop={stop} assetId={assetId} />
    </li>
  );
}

function fractionsOf(stop: Stop): string[] {
  return [...new Set(stop.assetIds.flatMap((id) => chamberFractions(assets.value.get(id)?.chambers ?? [])))];
}

function chamberFractions(
  chambers: readonly { fraction?: Parameters<typeof fractionName>[0] | undefined }[],
): string[] {
  return [...new Set(chambers.flatMap(({ fraction }) => (fraction ? [fractionName(fraction)] : [])))];
}

function notesOf(stop: Stop): string[] {
  return [...new Set(stop.assetIds.map((id) => assets.value.get(id)?.accessNote).filter((note) => note !== undefined))];
}

/** A fill in words, for sentences. */
export function fillWords(assetId: string): string {
  const fill = assets.value.get(assetId)?.state.fill ?? null;
  return fill === null ? shared('fillUnknown') : formatPercent(fill);
}
