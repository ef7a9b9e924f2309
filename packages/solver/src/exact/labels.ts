/** Partial schedules kept per visit; where more are undominated the latest go, so a plan may be refused, never a wrong one kept. */
const WIDTH = 24;

/**
 * Partial schedules up to each visit of a sequence, as flat arrays: visit i owns the slots i·width onwards. One that is
 * later, has had less break, and has worked and driven longer since the last one than another hardly ever does better.
 */
export interface Labels {
  readonly width: number;
  /** one was dropped for want of room since overflowed was last set to false */
  overflowed: boolean;
  count: Int32Array;
  /** end of the visit's work */
  departS: Float64Array;
  takenS: Float64Array;
  /** when the last break ended; 0 where no rule asks */
  restedS: Float64Array;
  drivenS: Float64Array;
  firstTaken: Uint8Array;
  /** slot it comes from, and when that one drove on */
  parent: Int32Array;
  leaveS: Float64Array;
  arriveS: Float64Array;
  startS: Float64Array;
}

/** A partial schedule about to be kept. */
export interface Label {
  departS: number;
  takenS: number;
  restedS: number;
  drivenS: number;
  firstTaken: number;
  parent: number;
  leaveS: number;
  arriveS: number;
  startS: number;
}

/** Creates room for sequences of so many visits. */
export function createLabels(visits: number, width = WIDTH): Labels {
  const size = (visits + 2) * width;
  return {
    width,
    overflowed: false,
    count: new Int32Array(visits + 2),
    departS: new Float64Array(size),
    takenS: new Float64Array(size),
    restedS: new Float64Array(size),
    drivenS: new Float64Array(size),
    firstTaken: new Uint8Array(size),
    parent: new Int32Array(size),
    leaveS: new Float64Array(size),
    arriveS: new Float64Array(size),
    startS: new Float64Array(size),
  };
}

/** Creates an empty label, to be reused. */
export function createLabel(): Label {
  return {
    departS: 0,
    takenS: 0,
    restedS: 0,
    drivenS: 0,
    firstTaken: 0,
    parent: -1,
    leaveS: 0,
    arriveS: 0,
    startS: 0,
  };
}

function covers(labels: Labels, slot: number, label: Label): boolean {
  return (
    labels.departS[slot]! <= label.departS &&
    labels.takenS[slot]! >= label.takenS &&
    labels.departS[slot]! - labels.restedS[slot]! <= label.departS - label.restedS &&
    labels.drivenS[slot]! <= label.drivenS &&
    labels.firstTaken[slot]! >= label.firstTaken
  );
}

function isCovered(labels: Labels, slot: number, label: Label): boolean {
  return (
    label.departS <= labels.departS[slot]! &&
    label.takenS >= labels.takenS[slot]! &&
    label.departS - label.restedS <= labels.departS[slot]! - labels.restedS[slot]! &&
    label.drivenS <= labels.drivenS[slot]! &&
    label.firstTaken >= labels.firstTaken[slot]!
  );
}

function write(labels: Labels, slot: number, label: Label): void {
  labels.departS[slot] = label.departS;
  labels.takenS[slot] = label.takenS;
  labels.restedS[slot] = label.restedS;
  labels.drivenS[slot] = label.drivenS;
  labels.firstTaken[slot] = label.firstTaken;
  labels.parent[slot] = label.parent;
  labels.leaveS[slot] = label.leaveS;
  labels.arriveS[slot] = label.arriveS;
  labels.startS[slot] = label.startS;
}

function move(labels: Labels, from: number, to: number): void {
  labels.departS[to] = labels.departS[from]!;
  labels.takenS[to] = labels.takenS[from]!;
  labels.restedS[to] = labels.restedS[from]!;
  labels.drivenS[to] = labels.drivenS[from]!;
  labels.firstTaken[to] = labels.firstTaken[from]!;
  labels.parent[to] = labels.parent[from]!;
  labels.leaveS[to] = labels.leaveS[from]!;
  labels.arriveS[to] = labels.arriveS[from]!;
  labels.startS[to] = labels.startS[from]!;
}

/** Where a label goes for which there is no room: over the latest, if that is later. */
function slotOfLatest(labels: Labels, visit: number, label: Label): number {
  labels.overflowed = true;
  const from = visit * labels.width;
  let latest = from;
  for (let slot = from + 1; slot < from + labels.width; slot++)
    if (labels.departS[slot]! > labels.departS[latest]!) latest = slot;
  return labels.departS[latest]! > label.departS ? latest : -1;
}

/** Keeps a label at a visit unless another one there is at least as good; those it covers go. */
export function keepLabel(labels: Labels, visit: number, label: Label): void {
  const from = visit * labels.width;
  let count = labels.count[visit]!;
  for (let slot = from; slot < from + count; slot++) {
    if (covers(labels, slot, label)) return;
    if (!isCovered(labels, slot, label)) continue;
    count--;
    if (slot < from + count) move(labels, from + count, slot);
    slot--;
  }
  labels.count[visit] = count;
  const slot = count < labels.width ? from + count : slotOfLatest(labels, visit, label);
  if (slot < 0) return;
  if (count < labels.width) labels.count[visit]!++;
  write(labels, slot, label);
}

/** The label of an element that departs first; -1 when there is none. */
export function earliestOf(labels: Labels, element: number): number {
  const from = element * labels.width;
  let best = -1;
  for (let slot = from; slot < from + labels.count[element]!; slot++)
    if (best < 0 || labels.departS[slot]! < labels.departS[best]!) best = slot;
  return best;
}
