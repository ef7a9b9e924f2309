import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Page, ReadingDifference, ReadingsDiff } from '@ronde/contracts';
import { flagNames } from '../../shared/i18n/flag-text.ts';
import { formatMoment, formatSecond } from '../../shared/i18n/format.ts';
import { problemLine } from '../../shared/i18n/problem-text.ts';
import { qualityName } from '../../shared/i18n/shared-text.ts';
import { call, listAll } from '../../shared/rest.ts';
import { AssetLink } from '../asset-names.tsx';
import { quantityName, quantityUnit } from '../catalogue.ts';
import { valueWords } from '../device/readings-card.tsx';
import { LoadNote, type LoadState } from '../load-state.tsx';
import { PlainButton } from '../plain-button.tsx';
import { PlaceLink } from '../place-link.tsx';
import { saveFile } from '../../shared/save-file.ts';
import { DiffTable } from './diff-table.tsx';
import { csvOfDifferences } from './differences-csv.ts';
import { t } from './text.ts';

const PAGE = 100;
const CHANGES = ['changed', 'added', 'removed'] as const;

interface DifferencesProps {
  replayId: string;
  readings: ReadingsDiff;
}

/** The readings that differ, one by one: filtered, page by page, and as a file. */
export function Differences({ replayId, readings }: DifferencesProps) {
  const quantity = useSignal('');
  const change = useSignal('');
  const items = useSignal<readonly ReadingDifference[]>([]);
  const next = useSignal<string | undefined>(undefined);
  const state = useSignal<LoadState>('loading');
  const query = new URLSearchParams({
    ...(quantity.value && { quantity: quantity.value }),
    ...(change.value && { change: change.value }),
  });
  const path = `/v1/replays/${replayId}/differences?${query.toString()}`;
  const read = async (from?: string): Promise<void> => {
    const answer = await call<Page<ReadingDifference>>(`${path}&limit=${PAGE}${from ? `&cursor=${from}` : ''}`);
    state.value = answer.ok ? 'ready' : answer.problem;
    if (!answer.ok) return;
    items.value = from ? [...items.value, ...answer.value.items] : answer.value.items;
    next.value = answer.value.next;
  };
  useEffect(() => void read(), [path]);
  const total = readings.added + readings.changed + readings.removed;
  const { kept = 0 } = readings;
  const isEmpty = state.value === 'ready' && items.value.length === 0;
  return (
    <article class="card" aria-labelledby="differences-title">
      <h3 id="differences-title">{t('differences')}</h3>
      {kept < total && kept > 0 && <p class="soft">{t('differencesCut', { kept, total })}</p>}
      <div class="tools">
        <Choice
          label={t('filterQuantity')}
          chosen={quantity.value}
          options={readings.byQuantity
            .filter(hasDifference)
            .map((line) => [line.quantity, quantityName(line.quantity)])}
          onChoose={(value) => (quantity.value = value)}
        />
        <Choice
          label={t('filterChange')}
          chosen={change.value}
          options={CHANGES.map((one) => [one, t(one)])}
          onChoose={(value) => (change.value = value)}
        />
        <Save path={path} replayId={replayId} />
      </div>
      <LoadNote state={state.value} onRetry={() => void read()} />
      {isEmpty && <p class="soft">{t(query.size > 0 ? 'differencesNone' : 'differencesGone')}</p>}
      {items.value.length > 0 && (
        <>
          <DifferencesTable items={items.value} />
          <p class="small soft" role="status">
            {t('differencesNow', { n: items.value.length })}
          </p>
        </>
      )}
      {next.value && <PlainButton label={t('more')} class="replays__more" onPress={() => void read(next.value)} />}
    </article>
  );
}

const hasDifference = (line: ReadingsDiff['byQuantity'][number]): boolean =>
  line.added + line.changed + line.removed > 0;

function Choice(props: {
  label: string;
  chosen: string;
  options: readonly (readonly [value: string, text: string])[];
  onChoose(value: string): void;
}) {
  const { label, chosen, options, onChoose } = props;
  return (
    <label class="tools__choice">
      {label}
      <select class="utrecht-textbox" value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{t('filterAll')}</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function Save({ path, replayId }: { path: string; replayId: string }) {
  const said = useSignal('');
  const save = async (): Promise<void> => {
    said.value = t('saving');
    const all: ReadingDifference[] = [];
    const answer = await listAll<ReadingDifference>(path, (page) => all.push(...page));
    said.value = answer.ok ? t('saved', { n: all.length }) : problemLine(answer.problem);
    if (answer.ok) saveFile(`${replayId}-differences.csv`, new Blob([csvOfDifferences(all)], { type: 'text/csv' }));
  };
  return (
    <>
      <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={() => void save()}>
        {t('save')}
      </button>
      <span role="status">{said.value}</span>
    </>
  );
}

function DifferencesTable({ items }: { items: readonly ReadingDifference[] }) {
  return (
    <DiffTable
      labelledBy="differences-title"
      heads={[t('colDevice'), t('colAbout'), t('colQuantity'), t('colAt'), t('colBefore'), t('colAfter')]}
      rows={items.map(({ deviceId, assetId, chamber, quantity, at, was, now }) => ({
        key: [deviceId, chamber, quantity, at].join(),
        head: (
          <PlaceLink to={{ tab: 'devices', device: deviceId }} class="replays__link">
            {deviceId}
          </PlaceLink>
        ),
        cells: [
          assetId ? <AssetLink key="asset" id={assetId} /> : '–',
          [quantityName(quantity), chamber].filter(Boolean).join(' / '),
          <time key="at" dateTime={at} title={formatMoment(Date.parse(at))}>
            {formatSecond(Date.parse(at))}
          </time>,
          <Side key="was" quantity={quantity} side={was} />,
          <Side key="now" quantity={quantity} side={now} />,
        ],
      }))}
    />
  );
}

/** A value with what makes it less than plainly ok. */
function Side({ quantity, side }: { quantity: string; side: ReadingDifference['was'] }) {
  if (side === null) return <span class="soft">{t('noReading')}</span>;
  const { value, quality, flags = [] } = side;
  const marks = [quality !== 'ok' && qualityName(quality), flags.length > 0 && flagNames(flags)].filter(Boolean);
  return (
    <>
      {valueWords({ quantity, value, unit: quantityUnit(quantity) })}
      {marks.length > 0 && <div class="small soft">{marks.join(', ')}</div>}
    </>
  );
}
