import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { formatTime } from '../shared/i18n/format.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { Icon } from '../shared/ui/icon.tsx';
import { dropped, dropPlace, dropPrice, held, heldAt, moveTo, sprungOpen } from './drag-stop.ts';
import { roundName, rounds } from './state.ts';
import {
  commitMove,
  isBarred,
  lastMove,
  priceMove,
  sayPlace,
  sayPrice,
  takeBack,
  type Moved,
  type Priced,
} from './stop-move.ts';
import { t } from './text.ts';

/** The dragged stop beside the pointer, with where it would go and for how much. */
export function HeldStop() {
  const stop = held.value;
  if (!stop) return null;
  const { x, y } = heldAt.value;
  return (
    <div class="held-stop" style={{ insetInlineStart: `${x}px`, insetBlockStart: `${y}px` }} aria-hidden="true">
      <strong>{stop.name}</strong>
      {dropPlace.value && <span>{sayPlace(dropPlace.value)}</span>}
      {dropPrice.value && <span class="numeric">{dropPrice.value}</span>}
    </div>
  );
}

/** What is to be decided about a stop that was dropped, and the way back of the last move. */
export function MoveBar() {
  const drop = dropped.value;
  if (drop) return <Decision key={`${drop.held.stopId} ${JSON.stringify(drop.place)}`} {...drop} />;
  const last = lastMove.value;
  return last ? <WayBack key={last.back.stopId} last={last} /> : <div role="status" />;
}

function Bar({ label, onEscape, children }: { label: string; onEscape(): void; children: ComponentChildren }) {
  return (
    <section
      class="move-bar"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onEscape();
      }}
    >
      {children}
    </section>
  );
}

/** The price first; then the operator says yes or no. */
function Decision({ held: stop, place, priced: known }: NonNullable<typeof dropped.value>) {
  const priced = useSignal<Priced | undefined>(known);
  const fault = useSignal('');
  const isBusy = useSignal(false);
  const heading = useRef<HTMLParagraphElement>(null);
  const close = (): void => {
    dropped.value = undefined;
    sprungOpen.value = new Set();
  };
  const ask = async (): Promise<void> => {
    fault.value = '';
    const answer = await priceMove(moveTo(stop, place));
    if (answer.ok) priced.value = answer;
    else fault.value = answer.reason;
  };
  useEffect(() => {
    heading.current?.focus();
    if (!known) void ask();
  }, []);
  const commit = async (at: Priced): Promise<void> => {
    isBusy.value = true;
    fault.value = await commitMove(moveTo(stop, place), at);
    isBusy.value = false;
    if (fault.value === '') return close();
    // the rounds went on meanwhile: what it costs now is for the operator to see
    priced.value = undefined;
  };
  const quote = priced.value?.quote;
  return (
    <Bar label={t('moveBar')} onEscape={close}>
      <p ref={heading} tabIndex={-1}>
        <strong>{stop.name}</strong> → {sayPlace(place)}
      </p>
      <p role="status" class="numeric">
        {quote ? sayPrice(quote) : fault.value || t('movePricing')}
      </p>
      {quote && <Ends quote={quote} />}
      <div class="choices">
        {quote && !isBarred(quote.obstacles) && (
          <button
            type="button"
            class="utrecht-button utrecht-button--primary-action"
            aria-disabled={isBusy.value}
            onClick={() => {
              if (!isBusy.value && priced.value) void commit(priced.value);
            }}
          >
            {t(quote.feasible ? 'moveCommit' : 'moveForce')}
          </button>
        )}
        {fault.value !== '' && (
          <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={() => void ask()}>
            {t('movePrice')}
          </button>
        )}
        <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={close}>
          {t('moveCancel')}
        </button>
      </div>
    </Bar>
  );
}

/** When each of the rounds would be ready, reckoned from now. */
function Ends({ quote }: Pick<Priced, 'quote'>) {
  const nowMs = serverNow();
  const ends = quote.rounds.flatMap(({ roundId, endsAt }) => {
    const round = rounds.get(roundId);
    if (!round) return [];
    return t('moveEnds', { vehicle: roundName(round), time: formatTime(Date.parse(endsAt), nowMs) });
  });
  return <p class="small soft">{ends.join(' · ')}</p>;
}

function WayBack({ last }: { last: Moved }) {
  const fault = useSignal('');
  const close = (): void => {
    lastMove.value = undefined;
  };
  return (
    <Bar label={t('moveBar')} onEscape={close}>
      <p role="status">
        {fault.value
          ? t('moveNotBack', { reason: fault.value })
          : t('moveDone', { name: last.name, vehicle: last.vehicle })}
      </p>
      <div class="choices">
        <button
          type="button"
          class="utrecht-button utrecht-button--secondary-action"
          onClick={() => void takeBack(last).then((reason) => (fault.value = reason))}
        >
          <Icon name="undo" />
          {t('moveUndo')}
        </button>
        <button type="button" class="utrecht-button utrecht-button--subtle" onClick={close}>
          {t('moveClose')}
        </button>
      </div>
    </Bar>
  );
}
