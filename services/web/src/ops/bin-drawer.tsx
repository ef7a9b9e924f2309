import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { formatAge, formatMoment } from '../shared/i18n/format.ts';
import { qualityName } from '../shared/i18n/shared-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { useTick } from '../shared/ui/connection-chip.tsx';
import { FillBadge } from '../shared/ui/fill-badge.tsx';
import { createBinData, type Range } from './bin-data.ts';
import { BinEvents, BinPlace, BinRound, BinSensors } from './bin-facts.tsx';
import { BinForecast, BinHistory } from './bin-outlook.tsx';
import { assets } from './state.ts';
import { t } from './text.ts';

const REFRESH_MS = 5_000;

/** One bin: how full and since when, what is expected, why it is (not) in a round, how its sensors do, what crews found. */
export function BinDrawer({ index }: { index: number }) {
  const { id } = assets.asset(index);
  const range = useSignal<Range>('2d');
  const aborter = useMemo(() => new AbortController(), []);
  const data = useMemo(() => createBinData(id, aborter.signal), []);
  useEffect(() => {
    void data.loadAll(range.value);
    return () => aborter.abort();
  }, []);
  useRefresh(index, () => void data.refresh(range.value));
  return (
    <div class="bin">
      <BinNow index={index} />
      <BinForecast part={data.forecast.value} />
      <BinHistory
        history={data.history.value}
        forecast={data.forecast.value}
        range={range.value}
        onRange={(next) => {
          range.value = next;
          void data.loadHistory(next);
        }}
        onRetry={() => void data.loadHistory(range.value)}
      />
      <BinRound id={id} />
      <BinPlace index={index} chambers={data.chambers.value} />
      <BinSensors part={data.sensors.value} />
      <BinEvents part={data.events.value} />
    </div>
  );
}

function BinNow({ index }: { index: number }) {
  const tick = useTick();
  void tick.value;
  void assets.watch(index).value;
  const { fill, atMs, quality, silent } = assets.row(index);
  return (
    <div class="bin__now">
      <span class="bin__fill">
        <FillBadge fill={fill} isStale={silent} />
      </span>
      <span class="soft" title={atMs === null ? undefined : formatMoment(atMs)}>
        {atMs === null ? t('binNeverMeasured') : t('binMeasured', { age: formatAge(serverNow() - atMs) })}
      </span>
      {quality !== null && quality !== 'ok' && <span>{t('binQuality', { quality: qualityName(quality) })}</span>}
      {silent && <p class="utrecht-alert utrecht-alert--warning">{t('binSilent')}</p>}
    </div>
  );
}

/** Reads again after a new measurement, at most every few seconds. */
function useRefresh(index: number, refresh: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isFirst = true;
    const stop = assets.watch(index).subscribe(() => {
      if (!isFirst)
        timer ??= setTimeout(() => {
          timer = undefined;
          refresh();
        }, REFRESH_MS);
      isFirst = false;
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [index]);
}
