import { signal } from '@preact/signals';
import type { ComponentChild } from 'preact';
import { useEffect } from 'preact/hooks';
import type { DeltaMessage, SnapMessage, UplinkTrace } from '@ronde/contracts';
import { formatNumber } from '../shared/i18n/format.ts';
import { language } from '../shared/i18n/language.ts';
import {
  createResilientSocket,
  type ChannelMessage,
  type LinkState,
  type ResilientSocket,
} from '../shared/live/resilient-socket.ts';
import { serverClock, serverNow } from '../shared/live/server-clock.ts';
import { token } from '../shared/session.ts';
import { ConnectionChip } from '../shared/ui/connection-chip.tsx';
import { VirtualTable, type Column } from '../shared/ui/virtual-table.tsx';
import { PlaceLink } from './place-link.tsx';
import { createTrafficRing, filterTraffic } from './traffic-ring.ts';
import { outcomeName, t } from './text.ts';
import { useIsNarrow } from './use-is-narrow.ts';

const MOST = 10_000;
const ROW_PX = 48;
const RATE_OVER_MS = 60_000;
const OUTCOMES: readonly UplinkTrace['outcome'][] = ['stored', 'duplicate', 'dead-letter', 'event', 'ignored'];

const ring = createTrafficRing(MOST);
const changed = signal(0);
const link = signal<LinkState>({ kind: 'stopped' });
const newestMs = signal<number | null>(null);
const text = signal('');
const outcome = signal('');
const active = signal(-1);
let socket: ResilientSocket | undefined;

function follow(): () => void {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  socket = createResilientSocket<ChannelMessage>({
    url: `${scheme}://${location.host}/v1/live`,
    token: () => token.value,
    topics: ['raw'],
    onState: (state) => (link.value = state),
    onServerTime: (serverTime) => serverClock.observe(serverTime),
    onMessage(message) {
      if (message.type !== 'snap' && message.type !== 'delta') return;
      const items = ((message as unknown as SnapMessage | DeltaMessage).items ?? []) as UplinkTrace[];
      if (message.type === 'snap') ring.replace(items);
      else ring.add(items);
      newestMs.value = serverNow();
      changed.value += 1;
    },
  });
  socket.start();
  return () => socket?.stop();
}

/** Messages as they come in: what they were and what became of them, never their contents. */
export function TrafficTab() {
  useEffect(follow, []);
  void changed.value;
  const all = ring.lines();
  const lines = filterTraffic(all, { text: text.value, outcome: outcome.value });
  const sinceMs = serverNow() - RATE_OVER_MS;
  const rate = all.findIndex(({ receivedAt }) => Date.parse(receivedAt) < sinceMs);
  return (
    <section class="fill" aria-labelledby="traffic-title">
      <h2 id="traffic-title">{t('trafficTitle')}</h2>
      <div class="tools">
        <ConnectionChip link={link} newestMs={newestMs} onRetry={() => socket?.retryNow()} />
        <PauseButton />
        <label>
          {t('filter')}
          <input
            class="utrecht-textbox"
            type="search"
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        <label>
          {t('outcome')}
          <select
            class="utrecht-textbox"
            value={outcome.value}
            onChange={(event) => (outcome.value = event.currentTarget.value)}
          >
            <option value="">{t('outcomeAll')}</option>
            {OUTCOMES.map((one) => (
              <option key={one} value={one}>
                {outcomeName(one)}
              </option>
            ))}
          </select>
        </label>
        <span class="numeric">{t('perMinute', { n: rate < 0 ? all.length : rate })}</span>
      </div>
      {all.length === 0 && <p role="status">{t('trafficNone')}</p>}
      {all.length > 0 && lines.length === 0 && <p role="status">{t('trafficNoMatch', { total: all.length })}</p>}
      {lines.length > 0 && <TrafficTable lines={lines} />}
    </section>
  );
}

function PauseButton() {
  const isPaused = ring.isPaused();
  return (
    <button
      type="button"
      class="utrecht-button utrecht-button--secondary-action"
      onClick={() => {
        if (isPaused) ring.resume();
        else ring.pause();
        changed.value += 1;
      }}
    >
      {isPaused ? t('resume', { n: ring.held() }) : t('pause')}
    </button>
  );
}

interface TrafficColumn extends Omit<Column, 'title'> {
  title: 'colTime' | 'colDevice' | 'colTopic' | 'colOutcome' | 'colReadings' | 'colBytes';
  /** Left out where there is no room for it. */
  isWide?: boolean;
  cell(line: UplinkTrace, time: Intl.DateTimeFormat): ComponentChild;
}

const COLUMNS: readonly TrafficColumn[] = [
  {
    key: 'time',
    title: 'colTime',
    width: '6.5rem',
    cell: ({ receivedAt }, time) => time.format(Date.parse(receivedAt)),
  },
  {
    key: 'device',
    title: 'colDevice',
    width: 'minmax(5rem, 1fr)',
    cell: ({ deviceId }) =>
      deviceId ? <PlaceLink to={{ tab: 'devices', device: deviceId }}>{deviceId}</PlaceLink> : t('unknownDevice'),
  },
  {
    key: 'topic',
    title: 'colTopic',
    width: 'minmax(10rem, 1.6fr)',
    isWide: true,
    cell: ({ topic }) => <code key="topic">{topic}</code>,
  },
  {
    key: 'outcome',
    title: 'colOutcome',
    width: 'minmax(6rem, 1fr)',
    cell: ({ outcome: one, code }) => (
      <span key="outcome" class={`outcome outcome--${one}`}>
        {[outcomeName(one), code].filter(Boolean).join(': ')}
      </span>
    ),
  },
  {
    key: 'readings',
    title: 'colReadings',
    width: '6.5rem',
    isWide: true,
    cell: ({ readings }) => formatNumber(readings),
  },
  { key: 'bytes', title: 'colBytes', width: '5rem', isWide: true, cell: ({ bytes }) => formatNumber(bytes) },
];

function TrafficTable({ lines }: { lines: readonly UplinkTrace[] }) {
  const time = new Intl.DateTimeFormat(language.value, { timeStyle: 'medium' });
  const isNarrow = useIsNarrow();
  const columns = COLUMNS.filter(({ isWide }) => !isNarrow || !isWide);
  return (
    <VirtualTable
      label={t('trafficTitle')}
      columns={columns.map(({ key, title, width }) => ({ key, title: t(title), width }))}
      count={lines.length}
      rowHeightPx={ROW_PX}
      keyOf={(position) => lines[position]?.uplinkId ?? ''}
      cells={(position) => {
        const line = lines[position] as UplinkTrace;
        return columns.map(({ cell }) => cell(line, time));
      }}
      active={active.value}
      onActive={(position) => (active.value = position)}
      onOpen={() => undefined}
    />
  );
}
