import { useSignal } from '@preact/signals';
import type { MoveInput, Round, Stop } from '@ronde/contracts';
import { language } from '../shared/i18n/language.ts';
import { problemLine } from '../shared/i18n/problem-text.ts';
import { callForFile } from '../shared/rest.ts';
import { saveFile } from '../shared/save-file.ts';
import { activeRounds, roundName, stopName } from './state.ts';
import { commitMove, isBarred, priceMove, sayPrice, type Priced } from './stop-move.ts';
import { t } from './text.ts';

const FILES = { print: 'roundPrint', gpx: 'roundGpx', geojson: 'roundGeoJson' } as const;

/** Round as a file, or as a page to print. */
export function RoundFiles({ round }: { round: Round }) {
  const fault = useSignal('');
  const open = async (what: keyof typeof FILES): Promise<void> => {
    const query = what === 'geojson' ? '' : `?language=${language.value}`;
    // opened within the click, or the browser takes it for an advertisement
    const page = what === 'print' ? window.open('', '_blank') : null;
    const answer = await callForFile(`/v1/rounds/${round.id}/${what}${query}`);
    fault.value = answer.ok ? '' : problemLine(answer.problem);
    if (!answer.ok) page?.close();
    else if (page) page.location.href = URL.createObjectURL(answer.value);
    else saveFile(`${round.id}.${what === 'print' ? 'html' : what}`, answer.value);
  };
  return (
    <p class="small round-files">
      {(Object.keys(FILES) as (keyof typeof FILES)[]).map((what) => (
        <button key={what} type="button" class="utrecht-button utrecht-button--subtle" onClick={() => void open(what)}>
          {t(FILES[what])}
        </button>
      ))}
      <span role="status">{fault.value}</span>
    </p>
  );
}

/** Moves a stop; a round has many, so the choices are made only where somebody opens them. */
export function MoveStop({ round, stop }: { round: Round; stop: Stop }) {
  const isOpen = useSignal(false);
  return (
    <details class="small move" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>{t('moveStop')}</summary>
      {isOpen.value && <MoveForm round={round} stop={stop} />}
    </details>
  );
}

/** Where to, what it costs, and only then the move itself. */
function MoveForm({ round, stop }: { round: Round; stop: Stop }) {
  const toRoundId = useSignal(round.id);
  const behindStopId = useSignal('');
  const priced = useSignal<Priced | undefined>(undefined);
  const fault = useSignal('');
  const target = activeRounds.value.find(({ id }) => id === toRoundId.value) ?? round;
  const move = (): MoveInput => ({
    roundId: round.id,
    stopId: stop.id,
    toRoundId: target.id,
    behindStopId: behindStopId.value || null,
  });
  const price = async (): Promise<void> => {
    priced.value = undefined;
    const asked = move();
    const answer = await priceMove(asked);
    // another place was chosen meanwhile: that one has no price yet
    if (JSON.stringify(asked) !== JSON.stringify(move())) return;
    fault.value = answer.ok ? '' : answer.reason;
    priced.value = answer.ok ? answer : undefined;
  };
  const commit = async (at: Priced): Promise<void> => {
    fault.value = await commitMove(move(), at);
    priced.value = undefined;
  };
  const choose = (set: (value: string) => void) => (event: { currentTarget: HTMLSelectElement }) => {
    set(event.currentTarget.value);
    priced.value = undefined;
  };
  const at = priced.value;
  return (
    <div class="move__form">
      <select
        class="utrecht-textbox"
        aria-label={t('moveTo')}
        value={toRoundId.value}
        onChange={choose((value) => (toRoundId.value = value))}
      >
        {activeRounds.value.map((one) => (
          <option key={one.id} value={one.id}>
            {roundName(one)}
          </option>
        ))}
      </select>
      <select
        class="utrecht-textbox"
        aria-label={t('moveBehind')}
        value={behindStopId.value}
        onChange={choose((value) => (behindStopId.value = value))}
      >
        <option value="">{t('moveFirst')}</option>
        {target.stops
          .filter(({ id, status }) => status === 'planned' && (target.id !== round.id || id !== stop.id))
          .map((other) => (
            <option key={other.id} value={other.id}>
              {other.seq}. {stopName(other)}
            </option>
          ))}
      </select>
      <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={() => void price()}>
        {t('movePrice')}
      </button>
      <span role="status">{at ? sayPrice(at.quote) : fault.value}</span>
      {at && !isBarred(at.quote.obstacles) && (
        <button type="button" class="utrecht-button utrecht-button--primary-action" onClick={() => void commit(at)}>
          {t(at.quote.feasible ? 'moveCommit' : 'moveForce')}
        </button>
      )}
    </div>
  );
}
