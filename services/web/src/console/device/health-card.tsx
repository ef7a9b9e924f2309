import type { Device, DeviceHealth, HealthIssue, Problem } from '@ronde/contracts';
import { useSignal } from '@preact/signals';
import { formatAge, formatDuration, formatMoment, formatNumber, formatPercent } from '../../shared/i18n/format.ts';
import { issueName, issueRemedy } from '../../shared/i18n/issue-text.ts';
import { language } from '../../shared/i18n/language.ts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { showToast } from '../../shared/ui/toast.tsx';
import { LoadNote } from '../load-state.tsx';
import { ProblemNote } from '../problem-note.tsx';
import type { Loaded } from '../use-loaded.ts';
import { replaceDevice } from './device-writes.ts';
import { Facts } from './facts.tsx';
import { t } from './text.ts';

interface HealthCardProps {
  device: Device;
  health: Loaded<DeviceHealth>;
  onChanged(): void;
}

/** How a device does: what is wrong and what to do about it, then the figures behind that. */
export function HealthCard({ device, health, onChanged }: HealthCardProps) {
  const shown = health.value.value;
  return (
    <article class="card" aria-labelledby="health-title">
      <h3 id="health-title">{t('health')}</h3>
      <LoadNote state={health.state.value} onRetry={() => void health.reload()} />
      {shown && shown.lastSeenAt === null && <p class="soft">{t('healthUnheard')}</p>}
      {shown && shown.lastSeenAt !== null && shown.issues.length === 0 && <p>{t('healthFine')}</p>}
      {shown && shown.issues.length > 0 && (
        <ul class="issues">
          {shown.issues.map((issue) => (
            <Issue key={issue.kind} issue={issue} />
          ))}
        </ul>
      )}
      {shown?.calibration && <Calibration device={device} calibration={shown.calibration} onChanged={onChanged} />}
      {shown && <Facts facts={figuresOf(shown)} />}
    </article>
  );
}

function Issue({ issue }: { issue: HealthIssue }) {
  const sinceMs = Date.parse(issue.since);
  return (
    <li class={`issue${issue.kind === 'fire' ? ' issue--fire' : ''}`}>
      <strong class="issue__name">{issueName(issue.kind)}</strong>
      <span>{issueRemedy(issue.kind)}</span>
      <span class="small soft" title={formatMoment(sinceMs)}>
        {t('issueSince', { age: formatAge(serverNow() - sinceMs), sure: formatPercent(issue.confidence) })}
      </span>
      <span class="small soft" lang="en">
        {issue.text}
      </span>
    </li>
  );
}

function figuresOf(health: DeviceHealth): [string, string | undefined][] {
  const { lastSeenAt, intervalS, lossRate, silenceProbability, battery, rssi, snr, spreadingFactor } = health;
  const signal = [
    rssi !== null && `RSSI ${formatNumber(rssi)} dBm`,
    snr !== null && `SNR ${formatNumber(snr)} dB`,
    spreadingFactor !== null && `SF${spreadingFactor}`,
  ].filter((part) => part !== false);
  return [
    [t('lastSeen'), lastSeenAt === null ? undefined : formatAge(serverNow() - Date.parse(lastSeenAt))],
    [t('interval'), intervalS === null ? undefined : formatDuration(intervalS)],
    [t('loss'), lossRate === null ? undefined : share(lossRate)],
    [t('silence'), silenceProbability === null ? undefined : share(silenceProbability)],
    [t('battery'), battery ? batteryWords(battery) : undefined],
    [t('signal'), signal.length > 0 ? signal.join(', ') : undefined],
  ];
}

/** Small shares matter here: 0.4 % is not 0 %. */
function share(fraction: number): string {
  const digits = fraction > 0 && fraction < 0.1 ? 2 : 0;
  return new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: digits }).format(fraction);
}

function batteryWords({ charge, daysLeft, basis }: NonNullable<DeviceHealth['battery']>): string {
  const days = daysLeft === null ? undefined : t('batteryDays', { n: Math.round(daysLeft) });
  return [formatPercent(charge), days, t(`basis_${basis}`)].filter(Boolean).join(' · ');
}

interface CalibrationProps {
  device: Device;
  calibration: NonNullable<DeviceHealth['calibration']>;
  onChanged(): void;
}

/** The distances that the emptyings suggest, taken over with one press and taken back with another. */
function Calibration({ device, calibration, onChanged }: CalibrationProps) {
  const problem = useSignal<Problem | undefined>(undefined);
  const { emptyDistanceM, emptyings } = calibration;
  const before = device.mounting;
  const fullDistanceM = calibration.fullDistanceM ?? before?.fullDistanceM ?? 0;
  if (before?.emptyDistanceM === emptyDistanceM && before.fullDistanceM === fullDistanceM) return null;
  const save = async (mounting: Device['mounting']): Promise<boolean> => {
    const answer = await replaceDevice(device, { mounting });
    problem.value = answer.ok ? undefined : answer.problem;
    onChanged();
    return answer.ok;
  };
  const takeOver = async (): Promise<void> => {
    if (!(await save({ ...before, emptyDistanceM, fullDistanceM }))) return;
    showToast(t('takenOver'), { label: t('undo'), run: () => void save(before) });
  };
  return (
    <div class="suggestion">
      <h4>{t('calibration')}</h4>
      <p>
        {t('calibrationText', {
          n: emptyings,
          distances:
            calibration.fullDistanceM === null
              ? t('emptyOnly', { empty: formatMetres(emptyDistanceM) })
              : distanceWords({ emptyDistanceM, fullDistanceM }),
        })}{' '}
        {before && <span class="soft">{t('calibrationNow', { distances: distanceWords(before) })}</span>}
      </p>
      <ProblemNote problem={problem.value} />
      <button type="button" class="utrecht-button utrecht-button--primary-action" onClick={() => void takeOver()}>
        {t('takeOver')}
      </button>
    </div>
  );
}

export function distanceWords(distances: { emptyDistanceM: number; fullDistanceM: number }): string {
  return t('distances', {
    empty: formatMetres(distances.emptyDistanceM),
    full: formatMetres(distances.fullDistanceM),
  });
}

function formatMetres(value: number): string {
  return new Intl.NumberFormat(language.value, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);
}
