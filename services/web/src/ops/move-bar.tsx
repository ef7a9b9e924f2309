import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { formatTime } from '../shared/i18n/format.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { Icon } from '../shared/ui/icon.tsx';
import { besidePointer } from './beside-pointer.ts';
import { dropped, dropPlace, dropPrice, held, heldAt, moveTo, sprungOpen, type Held } from './drag-stop.ts';
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
  return held.value ? <HeldCard {...held.value} /> : null;
}

function HeldCard({ name }: Held) {
  const card = useRef<HTMLDivElement>(null);
  const pointer = heldAt.value;
  // with every render: what the card says decides its size
  useLayoutEffect(() => {
    if (!card.current) return;
    const { offsetWidth: width, offsetHeight: height, style } = card.current;
    const { x, y } = besidePointer(pointer, { width, height }, { width: innerWidth, height: innerHeight });
    style.translate = `${x}px ${y}px`;
  });
  return (
    <div class="held-stop" ref={card} aria-hidden="true">
      <strong>{name}</strong>
      {dropPlace.value && <span>{sayPlace(dropPlace.value)}</span>}
      {dropPrice.value && <span class="numeric">{dropPrice.value}</span>}
    </div>
  );
}

/** What is to be decided about a stop that was dropped, and the way back of the last move. */
export function MoveBar() {
  const drop = dropped.value;
  const last = drop ? undefined : lastMove.value;
  return (
    <>
      {/* always there: a region that comes together with its words is not read out */}
      <p class="visually-hidden" role="status">
        {last && t('moveDone', { name: last.name, vehicle: last.vehicle })}
      </p>
      {drop && <Decision key={`${drop.held.stopId} ${JSON.stringify(drop.place)}`} {...drop} />}
      {last && <WayBack key={JSON.stringify(last.back)} last={last} />}
    </>
  );
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
      <p>
        <span role="status">{fault.value && t('moveNotBack', { reason: fault.value })}</span>
        {!fault.value && t('moveDone', { name: last.name, vehicle: last.vehicle })}
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
