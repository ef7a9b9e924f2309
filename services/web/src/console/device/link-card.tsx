import type { DeviceLink } from '@ronde/contracts';
import { formatMoment, formatNumber, formatTime } from '../../shared/i18n/format.ts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { LoadNote } from '../load-state.tsx';
import { useLoaded } from '../use-loaded.ts';
import { t } from './text.ts';

const EVERY_MS = 10_000;
const SHOWN = 20;

/** What the counters tell: how much came, what is missing, and what became of the gaps. */
export function LinkCard({ deviceId }: { deviceId: string }) {
  const link = useLoaded<DeviceLink>(`/v1/devices/${deviceId}/link`, EVERY_MS);
  const shown = link.value.value;
  return (
    <article class="card" aria-labelledby="link-title">
      <h3 id="link-title">{t('link')}</h3>
      <LoadNote state={link.state.value} onRetry={() => void link.reload()} />
      {shown && (
        <>
          <p>
            {t('linkWords', {
              received: shown.received,
              missed: shown.missed,
              recovered: shown.recovered,
              resets: shown.resets,
            })}
          </p>
          {shown.lastCounter !== null && <p class="soft">{t('linkLast', { n: formatNumber(shown.lastCounter) })}</p>}
          {shown.gaps.length === 0 ? <p class="soft">{t('gapsNone')}</p> : <Gaps gaps={shown.gaps} />}
        </>
      )}
    </article>
  );
}

function Gaps({ gaps }: { gaps: DeviceLink['gaps'] }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-labelledby="link-title">
      <table>
        <thead>
          <tr>
            {(['gapCounters', 'gapNoticed', 'gapRecovered', 'gapStatus'] as const).map((key) => (
              <th key={key} scope="col">
                {t(key)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {gaps
            .slice(-SHOWN)
            .toReversed()
            .map(({ session, from, to, noticedAt, recovered, status, reason }) => (
              <tr key={`${session} ${from}`}>
                <th scope="row" class="numeric">
                  {from === to ? from : `${from}–${to}`}
                </th>
                <td title={formatMoment(Date.parse(noticedAt))}>{formatTime(Date.parse(noticedAt), serverNow())}</td>
                <td class="numeric">
                  {formatNumber(recovered)} / {formatNumber(to - from + 1)}
                </td>
                <td>
                  {t(`gap_${status}`)}
                  {reason && <p class="soft">{reason}</p>}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
