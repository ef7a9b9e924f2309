import { batch, effect, signal } from '@preact/signals';
import { BANDS, type Band } from '../shared/bands.ts';

export const TABS = ['alarms', 'bins', 'rounds'] as const;
export type Tab = (typeof TABS)[number];

/** What the operator looks at. The address carries all of it, so that a copied link shows a colleague the same. */
export interface View {
  search: string;
  area: string;
  kind: string;
  /** Bands to show; empty = all. */
  bands: readonly Band[];
  isSilentOnly: boolean;
  isInViewOnly: boolean;
  tab: Tab;
  /** Id of the open bin. */
  selected: string;
  /** Id of the open round. */
  round: string;
}

const START: View = {
  search: '',
  area: '',
  kind: '',
  bands: [],
  isSilentOnly: false,
  isInViewOnly: false,
  tab: 'bins',
  selected: '',
  round: '',
};

export const view = signal<View>(START);

/** Changes part of the view. Opening and closing things makes a history entry, so that "back" works; filters do not. */
export function show(change: Partial<View>): void {
  view.value = { ...view.value, ...change };
}

/** True when the list does not show everything. */
export function isFiltered(current: View): boolean {
  return Boolean(
    current.search ||
    current.area ||
    current.kind ||
    current.bands.length ||
    current.isSilentOnly ||
    current.isInViewOnly,
  );
}

export function clearFilters(): void {
  show({ search: '', area: '', kind: '', bands: [], isSilentOnly: false, isInViewOnly: false });
}

/** Reads a view from an address. */
export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const tab = query.get('tab');
  return {
    search: query.get('q') ?? '',
    area: query.get('area') ?? '',
    kind: query.get('kind') ?? '',
    bands: BANDS.filter((band) => (query.get('fill') ?? '').split(',').includes(band)),
    isSilentOnly: query.get('silent') === '1',
    isInViewOnly: query.get('inview') === '1',
    tab: TABS.find((name) => name === tab) ?? 'bins',
    selected: query.get('sel') ?? '',
    round: query.get('round') ?? '',
  };
}

/** Writes a view into an address, keeping what belongs to others (`lang`). */
export function writeView(current: View, search: string): string {
  const query = new URLSearchParams(search);
  const put = (name: string, value: string): void => (value ? query.set(name, value) : query.delete(name));
  put('q', current.search);
  put('area', current.area);
  put('kind', current.kind);
  put('fill', current.bands.join(','));
  put('silent', current.isSilentOnly ? '1' : '');
  put('inview', current.isInViewOnly ? '1' : '');
  put('tab', current.tab === START.tab ? '' : current.tab);
  put('sel', current.selected);
  put('round', current.round);
  const text = query.toString();
  return text && `?${text}`;
}

// Browsers slow a page down that changes its address on each keystroke.
const WRITE_MS = 250;

/** Keeps view and address equal; the answer stops it. */
export function startView(): () => void {
  view.value = readView(location.search);
  let last = view.value;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stopWriting = effect(() => {
    const next = writeView(view.value, location.search);
    if (next === location.search) return;
    const opens =
      view.value.selected !== last.selected || view.value.round !== last.round || view.value.tab !== last.tab;
    last = view.value;
    clearTimeout(timer);
    if (opens) history.pushState(null, '', location.pathname + next);
    else
      timer = setTimeout(
        () => history.replaceState(null, '', location.pathname + writeView(view.value, location.search)),
        WRITE_MS,
      );
  });
  const onPop = (): void =>
    batch(() => {
      last = readView(location.search);
      view.value = last;
    });
  addEventListener('popstate', onPop);
  return () => {
    stopWriting();
    clearTimeout(timer);
    removeEventListener('popstate', onPop);
  };
}
