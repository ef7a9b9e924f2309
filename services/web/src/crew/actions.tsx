import { useComputed } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Stop } from '@ronde/contracts';
import { useTick } from '../shared/ui/connection-chip.tsx';
import { Icon } from '../shared/ui/icon.tsx';
import { dialog } from './held-dialog.tsx';
import type { Marks } from './marks.ts';
import { leftOutBins, undoable } from './state.ts';
import { placeName, t } from './text.ts';

interface ActionsProps {
  stop: Stop | undefined;
  marks: Marks;
}

/** The actions, always at the same place and of the same size, whatever the stop. */
export function Actions({ stop, marks }: ActionsProps) {
  // A finger that came down on one stop never acts on another that took its place meanwhile.
  const pressed = useRef<string>(undefined);
  const act = (run: (stop: Stop) => void) => (): void => {
    const pressedId = pressed.current ?? stop?.id;
    pressed.current = undefined;
    if (stop && pressedId === stop.id) run(stop);
  };
  const left = stop?.assetIds.filter((id) => leftOutBins.value.has(id)).length ?? 0;
  const total = stop?.assetIds.length ?? 0;
  const isNoneLeft = total > 0 && stop?.assetIds.every((id) => leftOutBins.value.get(id) === 'left') === true;
  return (
    <section class="actions" aria-label={t('actionsRegion')} onPointerDown={() => (pressed.current = stop?.id)}>
      <UndoBar marks={marks} />
      <a
        class="utrecht-button utrecht-button--secondary-action actions__navigate"
        {...(stop
          ? { href: geoLink(stop), 'aria-label': t('navigateTo', { place: placeName(stop) }) }
          : { 'aria-disabled': 'true', role: 'link' })}
      >
        <Icon name="compass" size={28} />
        {t('navigate')}
      </a>
      <button
        type="button"
        class="utrecht-button utrecht-button--primary-action actions__done"
        disabled={!stop || isNoneLeft}
        onClick={act((shown) => void marks.emptied(shown))}
      >
        <Icon name="check" size={40} />
        {stop?.kind === 'disposal'
          ? t('tipped')
          : left > 0
            ? t('emptiedSome', { done: total - left, total })
            : t('emptied')}
      </button>
      <button
        type="button"
        class="utrecht-button utrecht-button--secondary-action actions__skip"
        disabled={!stop}
        onClick={act((shown) => (dialog.value = { kind: 'skip', stop: shown }))}
      >
        <Icon name="skip" size={28} />
        {t('skip')}
      </button>
      <button
        type="button"
        class="utrecht-button utrecht-button--secondary-action actions__problem"
        disabled={!stop}
        onClick={act((shown) => (dialog.value = { kind: 'problem', stop: shown }))}
      >
        <Icon name="alarm" size={28} />
        {t('problem')}
      </button>
    </section>
  );
}

/** Opens the navigation of the tablet [RFC 5870]; the label makes Android put a pin. */
export function geoLink(stop: Stop): string {
  const at = `${stop.lat.toFixed(6)},${stop.lon.toFixed(6)}`;
  return `geo:${at}?q=${at}(${encodeURIComponent(placeName(stop))})`;
}

/** What was done last, with the way back for ten seconds; its place is always kept free, so that nothing jumps. */
function UndoBar({ marks }: { marks: Marks }) {
  const tick = useTick();
  const leftS = useComputed(() => {
    void tick.value;
    const last = undoable.value;
    return last ? Math.ceil((last.untilMs - performance.now()) / 1000) : 0;
  });
  const last = leftS.value > 0 ? undoable.value : undefined;
  return (
    <div class="undo">
      <span role="status">{last && didWords(last.kind, last.stop)}</span>
      {last && (
        <button
          type="button"
          class="utrecht-button utrecht-button--secondary-action undo__button"
          onClick={() => void marks.undo()}
        >
          <Icon name="undo" size={28} />
          {t('undo')}
          <span class="numeric" aria-hidden="true">
            {leftS.value}
          </span>
        </button>
      )}
    </div>
  );
}

function didWords(kind: string, stop: Stop): string {
  const place = placeName(stop);
  if (kind === 'declined') return t('didDeclined', { place });
  if (kind === 'skipped') return t('didSkipped', { place });
  if (kind === 'problem') return t('didProblem', { place });
  return t(stop.kind === 'disposal' ? 'didTipped' : 'didEmptied', { place });
}
