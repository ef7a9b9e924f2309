import { useSignal } from '@preact/signals';
import type { MoveInput, MoveQuote, Round, Stop } from '@ronde/contracts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { language } from '../shared/i18n/language.ts';
import { token } from '../shared/session.ts';
import { activeRounds, vehicleName } from './state.ts';
import { t } from './text.ts';

/** Round as a file, or as a page to print. */
export function RoundFiles({ round }: { round: Round }) {
  const open = async (what: 'gpx' | 'geojson' | 'print'): Promise<void> => {
    const query = what === 'print' ? `?language=${language.value}` : '';
    const answer = await fetch(`/v1/rounds/${round.id}/${what}${query}`, { headers: bearer() });
    if (!answer.ok) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    if (what === 'print') link.target = '_blank';
    else link.download = `${round.id}.${what}`;
    link.click();
  };
  return (
    <p class="small">
      {(['print', 'gpx', 'geojson'] as const).map((what) => (
        <button key={what} type="button" class="link-button" onClick={() => void open(what)}>
          {t(what === 'print' ? 'roundPrint' : what === 'gpx' ? 'roundGpx' : 'roundGeoJson')}
        </button>
      ))}
    </p>
  );
}

/** Moves a stop; a round has many, so the choices are made only where somebody opens them. */
export function MoveStop({ round, stop }: { round: Round; stop: Stop }) {
  const isOpen = useSignal(false);
  return (
    <details class="small" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{t('moveStop')}</summary>
      {isOpen.value && <MoveForm round={round} stop={stop} />}
    </details>
  );
}

/** Where to, what it costs, and only then the move itself. */
function MoveForm({ round, stop }: { round: Round; stop: Stop }) {
  const toRoundId = useSignal(round.id);
  const behindStopId = useSignal('');
  const priced = useSignal<{ quote: MoveQuote; tag: string } | undefined>(undefined);
  const fault = useSignal('');
  const target = activeRounds.value.find(({ id }) => id === toRoundId.value) ?? round;
  const move = (): MoveInput => ({
    roundId: round.id,
    stopId: stop.id,
    toRoundId: target.id,
    behindStopId: behindStopId.value || null,
    ...(priced.value && !priced.value.quote.feasible && { force: true }),
  });
  const ask = async (path: string, headers: Record<string, string> = {}): Promise<Response | undefined> => {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(), ...headers },
      body: JSON.stringify(move()),
    });
    fault.value = answer.ok ? '' : problemLine((await answer.json()) as never);
    return answer.ok ? answer : undefined;
  };
  const price = async (): Promise<void> => {
    priced.value = undefined;
    const answer = await ask('/v1/stop-moves/quotes');
    if (answer) priced.value = { quote: (await answer.json()) as MoveQuote, tag: answer.headers.get('etag') ?? '' };
  };
  const commit = async (): Promise<void> => {
    if (priced.value && (await ask('/v1/stop-moves', { 'if-match': priced.value.tag }))) priced.value = undefined;
  };
  const choose = (set: (value: string) => void) => (event: { currentTarget: HTMLSelectElement }) => {
    set(event.currentTarget.value);
    priced.value = undefined;
  };
  const isBarred = priced.value?.quote.obstacles.some(({ hard }) => hard) ?? true;
  return (
    <>
      <select aria-label={t('moveTo')} value={toRoundId.value} onChange={choose((value) => (toRoundId.value = value))}>
        {activeRounds.value.map(({ id, vehicleId }) => (
          <option key={id} value={id}>
            {vehicleName(vehicleId)}
          </option>
        ))}
      </select>
      <select
        aria-label={t('moveBehind')}
        value={behindStopId.value}
        onChange={choose((value) => (behindStopId.value = value))}
      >
        <option value="">{t('moveFirst')}</option>
        {target.stops
          .filter(({ id, status }) => status === 'planned' && (target.id !== round.id || id !== stop.id))
          .map(({ id, seq, name }) => (
            <option key={id} value={id}>
              {seq}. {name ?? id}
            </option>
          ))}
      </select>
      <button type="button" class="link-button" onClick={() => void price()}>
        {t('movePrice')}
      </button>
      <span role="status">
        {priced.value?.quote.text} {fault.value}
      </span>
      {!isBarred && (
        <button type="button" class="link-button" onClick={() => void commit()}>
          {t(priced.value?.quote.feasible ? 'moveCommit' : 'moveForce')}
        </button>
      )}
    </>
  );
}

function bearer(): Record<string, string> {
  return token.value ? { authorization: `Bearer ${token.value}` } : {};
}
