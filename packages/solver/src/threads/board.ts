import type { Problem } from '../problem.ts';

// A board is memory that searches of one problem share. Every seat has two sheets, for even and odd meetings, so that
// nobody writes where another still reads. Int32 words: per seat [meeting reached]; then the sheets, each
// [stamp][required stops left][base][words of the plan][plan]. Costs are Float64 and come first.

const SHEET_HEAD = 4;
/** A meeting that no search is past. */
const LEFT = 2 ** 30;
const SLICE_MS = 20;

/** Shared memory in which searches of one problem meet. */
export interface Board {
  readonly buffer: SharedArrayBuffer;
  readonly seats: number;
  /** words that a plan may take */
  readonly room: number;
}

/** A plan that a search found. */
export interface Found {
  /** nodes in order, per vehicle */
  readonly sequences: readonly Int32Array[];
  /** without what required stops left out cost */
  readonly cost: number;
  readonly requiredLeft: number;
}

/** A plan as it lies on a board. */
export interface Posted extends Found {
  /** of the plan that it was made from */
  readonly base: number;
}

/** One search's place at a board. */
export interface Seat {
  readonly seats: number;
  readonly index: number;
  /** Writes a plan for a meeting, and says so. */
  post(meeting: number, plan: Posted): void;
  /**
   * Waits until everybody has posted for a meeting or left.
   * @param patience slices of 20 ms after which it goes on without the others
   */
  wait(meeting: number, patience: number, isOver: () => boolean): void;
  /** What another seat posted for a meeting; undefined when it has not, or has gone on since. */
  read(seat: number, meeting: number): Posted | undefined;
  /** Tells the others not to wait any more. */
  leave(): void;
}

/** Creates a board; plans of the problem have room on it whatever tips they need. */
export function createBoard(problem: Problem, seats: number): Board {
  const { stops, vehicles } = problem;
  const locked = vehicles.reduce((sum, vehicle) => sum + (vehicle.locked?.length ?? 0), 0);
  const room = 2 * stops.length + locked + 4 * vehicles.length;
  const words = seats + 2 * seats * (SHEET_HEAD + room);
  return { buffer: new SharedArrayBuffer(16 * seats + 4 * words), seats, room };
}

/** Marks a seat as left for whoever waits, such as for a thread that died. */
export function vacate({ buffer, seats }: Board, seat: number): void {
  const words = new Int32Array(buffer, 16 * seats);
  Atomics.store(words, seat, LEFT);
  Atomics.notify(words, seat);
}

/** Writes the plan behind the head of a sheet; false when it has more words than there is room for. */
function write(sheet: Int32Array, sequences: readonly Int32Array[]): boolean {
  let at = SHEET_HEAD;
  for (const sequence of sequences) {
    if (at + 1 + sequence.length > sheet.length) return false;
    sheet[at++] = sequence.length;
    sheet.set(sequence, at);
    at += sequence.length;
  }
  sheet[3] = at - SHEET_HEAD;
  return true;
}

function readPlan(sheet: Int32Array): Int32Array[] {
  const end = SHEET_HEAD + sheet[3]!;
  const sequences: Int32Array[] = [];
  for (let at = SHEET_HEAD; at < end; at += 1 + sheet[at]!) sequences.push(sheet.slice(at + 1, at + 1 + sheet[at]!));
  return sequences;
}

/** Takes a seat at a board. */
export function takeSeat(board: Board, index: number): Seat {
  const { buffer, seats, room } = board;
  const costs = new Float64Array(buffer, 0, 2 * seats);
  const words = new Int32Array(buffer, 16 * seats);
  const sheetOf = (seat: number, meeting: number): { sheet: Int32Array; which: number } => {
    const which = 2 * seat + (meeting % 2);
    const from = seats + which * (SHEET_HEAD + room);
    return { sheet: words.subarray(from, from + SHEET_HEAD + room), which };
  };
  return {
    seats,
    index,
    post(meeting, { sequences, cost, requiredLeft, base }) {
      const { sheet, which } = sheetOf(index, meeting);
      Atomics.store(sheet, 0, -1);
      const fits = write(sheet, sequences);
      [sheet[1], sheet[2], costs[which]] = [requiredLeft, base, cost];
      if (fits) Atomics.store(sheet, 0, meeting + 1);
      Atomics.store(words, index, meeting + 1);
      Atomics.notify(words, index);
    },
    wait(meeting, patience, isOver) {
      let slices = 0;
      for (let seat = 0; seat < seats; seat++) {
        for (let reached = Atomics.load(words, seat); reached <= meeting; reached = Atomics.load(words, seat)) {
          if (slices >= patience || isOver()) return;
          if (Atomics.wait(words, seat, reached, SLICE_MS) === 'timed-out') slices++;
        }
      }
    },
    read(seat, meeting) {
      const { sheet, which } = sheetOf(seat, meeting);
      if (Atomics.load(sheet, 0) !== meeting + 1) return undefined;
      const posted = { sequences: readPlan(sheet), cost: costs[which]!, requiredLeft: sheet[1]!, base: sheet[2]! };
      return Atomics.load(sheet, 0) === meeting + 1 ? posted : undefined;
    },
    leave: () => vacate(board, index),
  };
}
