import { useSignal } from '@preact/signals';
import type { InstallTest, Page, Problem } from '@ronde/contracts';
import { formatAge, formatNumber, formatPercent } from '../../shared/i18n/format.ts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { call } from '../../shared/rest.ts';
import { ProblemNote } from '../problem-note.tsx';
import { useLoaded } from '../use-loaded.ts';
import { t } from './text.ts';

const EVERY_MS = 2_000;
const COUNTS = [1, 3, 5, 10];
const FIRST_COUNT = 3;
const CHECKS = ['uplinks', 'signal', 'gateways', 'payload', 'distance'] as const;

/** The test at the place, made for a phone: start, shut the lid, wait, and read in large letters whether it is well. */
export function InstallTestCard({ deviceId }: { deviceId: string }) {
  const tests = useLoaded<Page<InstallTest>>(`/v1/devices/${deviceId}/install-tests?limit=1`, EVERY_MS);
  const problem = useSignal<Problem | undefined>(undefined);
  const count = useSignal(FIRST_COUNT);
  const test = tests.value.value?.items[0];
  const start = async (): Promise<void> => {
    const answer = await call<InstallTest>(`/v1/devices/${deviceId}/install-tests`, {
      method: 'POST',
      body: { uplinks: count.value },
    });
    problem.value = answer.ok ? undefined : answer.problem;
    await tests.reload();
  };
  return (
    <article class="card install" aria-labelledby="install-title">
      <h3 id="install-title">{t('installTest')}</h3>
      <p class="soft">{t('installIntro')}</p>
      {test && <Course test={test} />}
      {test?.status !== 'waiting' && (
        <div class="install__start">
          <label>
            {t('installCount')}
            <select
              class="utrecht-textbox"
              value={String(count.value)}
              onChange={(event) => (count.value = Number(event.currentTarget.value))}
            >
              {COUNTS.map((n) => (
                <option key={n} value={String(n)}>
                  {n}
                </option>
              ))}
            </select>
          </label>
          <button
            type="button"
            class="utrecht-button utrecht-button--primary-action install__button"
            onClick={() => void start()}
          >
            {t(test ? 'installAgain' : 'installStart')}
          </button>
        </div>
      )}
      <ProblemNote problem={problem.value} />
    </article>
  );
}

function Course({ test }: { test: InstallTest }) {
  const { status, uplinks, wanted, worstRateMarginDb } = test;
  return (
    <div class={`course course--${status}`}>
      <p class="course__verdict" role="status">
        {verdictOf(test)}
      </p>
      <progress value={uplinks.length} max={wanted} aria-label={t('check_uplinks')} />
      {worstRateMarginDb !== null && (
        <p>
          <strong>{t('installMargin', { db: formatNumber(worstRateMarginDb) })}</strong>{' '}
          <span class="soft">({t('installMarginNeed')})</span>
        </p>
      )}
      <ol class="course__uplinks">
        {uplinks.map((uplink, index) => (
          <li key={uplink.at}>
            <strong>{t('installUplink', { n: index + 1 })}</strong> {wordsOf(uplink)}
          </li>
        ))}
      </ol>
      <ul class="course__checks">
        {test.checks.map(({ name, ok, text }) => (
          <li key={name}>
            <span class={`badge badge--${ok ? 'ok' : 'bad'}`}>{t(ok ? 'checkOk' : 'checkBad')}</span>
            <span>
              <strong>{checkName(name)}</strong>{' '}
              <span class="small soft" lang="en">
                {text}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function verdictOf({ status, uplinks, wanted }: InstallTest): string {
  switch (status) {
    case 'waiting':
      return t('installWaiting', { n: Math.min(wanted, uplinks.length + 1), wanted });
    case 'passed':
      return t('installPassed');
    case 'failed':
      return t('installFailed');
    case 'expired':
      return t('installExpired');
  }
}

function wordsOf({
  at,
  rssi,
  snr,
  spreadingFactor,
  gateways,
  fill,
  distanceM,
}: InstallTest['uplinks'][number]): string {
  return [
    formatAge(serverNow() - Date.parse(at)),
    rssi !== null && `RSSI ${formatNumber(rssi)} dBm`,
    snr !== null && `SNR ${formatNumber(snr)} dB`,
    spreadingFactor !== null && `SF${spreadingFactor}`,
    gateways > 0 && t('installHeard', { n: gateways }),
    distanceM !== null && `${distanceM.toFixed(2)} m`,
    fill !== null && formatPercent(fill),
  ]
    .filter(Boolean)
    .join(' · ');
}

function checkName(name: string): string {
  const known = CHECKS.find((one) => one === name);
  return known ? t(`check_${known}`) : name;
}
