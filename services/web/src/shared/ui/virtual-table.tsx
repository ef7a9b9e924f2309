import { useSignal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import './virtual-table.css';

export interface Column {
  key: string;
  title: string;
  /** A CSS grid track: "1fr", "8rem". */
  width: string;
  isSortable?: boolean;
}
export interface Sort {
  key: string;
  isDescending: boolean;
}

export interface VirtualTableProps {
  label: string;
  columns: readonly Column[];
  count: number;
  rowHeightPx: number;
  /** Cells of row `position`, in column order. */
  cells(position: number): ComponentChildren[];
  keyOf(position: number): string;
  /** Position of the active row, -1 = none. */
  active: number;
  onActive(position: number): void;
  onOpen(position: number): void;
  /** The space bar on the active row. */
  onToggle?(position: number): void;
  sort?: Sort;
  onSort?(key: string): void;
  bodyRef?: RefObject<HTMLDivElement | null>;
}

const OVERSCAN = 6;

/** A table of any length with only the visible rows in the page; arrows, Home, End and Enter work. */
export function VirtualTable(props: VirtualTableProps) {
  const own = useRef<HTMLDivElement>(null);
  const body = props.bodyRef ?? own;
  const baseId = useId();
  const { first, last } = useWindow(body, props.rowHeightPx, props.count);
  const template = props.columns.map((column) => column.width).join(' ');
  useKeepInView(body, props.active, props.rowHeightPx);
  return (
    <div class="virtual-table" role="grid" aria-label={props.label} aria-rowcount={props.count + 1}>
      <div class="virtual-table__head" role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
        {props.columns.map((column) => (
          <HeadCell key={column.key} column={column} {...(props.sort && { sort: props.sort })} onSort={props.onSort} />
        ))}
      </div>
      <div
        ref={body}
        class="virtual-table__body"
        role="rowgroup"
        tabIndex={0}
        aria-label={props.label}
        aria-activedescendant={props.active >= first && props.active < last ? `${baseId}-${props.active}` : undefined}
        onKeyDown={(event) => onKey(event, props)}
      >
        <div
          class="virtual-table__space"
          role="presentation"
          style={{ blockSize: `${props.count * props.rowHeightPx}px` }}
        >
          {range(first, last).map((position) => (
            <div
              key={props.keyOf(position)}
              id={`${baseId}-${position}`}
              class="virtual-table__row"
              role="row"
              aria-rowindex={position + 2}
              aria-selected={position === props.active}
              style={{
                gridTemplateColumns: template,
                blockSize: `${props.rowHeightPx}px`,
                insetBlockStart: `${position * props.rowHeightPx}px`,
              }}
              onClick={() => {
                props.onActive(position);
                props.onOpen(position);
              }}
            >
              {props.cells(position).map((cell, index) => (
                <div role="gridcell" key={props.columns[index]?.key} class="virtual-table__cell">
                  {cell}
                </div>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

interface HeadCellProps {
  column: Column;
  sort?: Sort;
  onSort: ((key: string) => void) | undefined;
}

function HeadCell({ column, sort, onSort }: HeadCellProps) {
  const isSorted = sort?.key === column.key;
  const direction = sort?.isDescending ? 'descending' : 'ascending';
  return (
    <div role="columnheader" class="virtual-table__cell" aria-sort={isSorted ? direction : undefined}>
      {column.isSortable && onSort ? (
        <button type="button" class="virtual-table__sort" onClick={() => onSort(column.key)}>
          {column.title}
          <span aria-hidden="true">{isSorted ? (sort.isDescending ? ' ▼' : ' ▲') : ''}</span>
        </button>
      ) : (
        column.title
      )}
    </div>
  );
}

/** Follows scrolling and size; gives the rows to draw, [first, last). */
function useWindow(
  body: RefObject<HTMLDivElement | null>,
  rowHeightPx: number,
  count: number,
): { first: number; last: number } {
  const top = useSignal(0);
  const height = useSignal(600);
  useEffect(() => {
    const element = body.current;
    if (!element) return undefined;
    const onScroll = (): void => {
      top.value = Math.floor(element.scrollTop / rowHeightPx);
    };
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [rowHeightPx]);
  const first = Math.max(0, Math.min(top.value, count) - OVERSCAN);
  const last = Math.min(count, top.value + Math.ceil(height.value / rowHeightPx) + OVERSCAN);
  return { first, last };
}

function useKeepInView(body: RefObject<HTMLDivElement | null>, active: number, rowHeightPx: number): void {
  useLayoutEffect(() => {
    const element = body.current;
    if (!element || active < 0) return;
    const top = active * rowHeightPx;
    if (top < element.scrollTop) element.scrollTop = top;
    const bottom = top + rowHeightPx - element.clientHeight;
    if (bottom > element.scrollTop) element.scrollTop = bottom;
  }, [active, rowHeightPx]);
}

function onKey(event: KeyboardEvent, props: VirtualTableProps): void {
  const page = 10;
  const moves: Record<string, number> = {
    ArrowDown: props.active + 1,
    ArrowUp: props.active - 1,
    PageDown: props.active + page,
    PageUp: props.active - page,
    Home: 0,
    End: props.count - 1,
  };
  const next = moves[event.key];
  if (next !== undefined && props.count > 0) {
    event.preventDefault();
    props.onActive(Math.max(0, Math.min(props.count - 1, next)));
  } else if (event.key === 'Enter' && props.active >= 0) {
    event.preventDefault();
    props.onOpen(props.active);
  } else if (event.key === ' ' && props.onToggle && props.active >= 0) {
    event.preventDefault();
    props.onToggle(props.active);
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first) }, (_, offset) => first + offset);
}
