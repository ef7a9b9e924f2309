/** Partial schedules kept per visit; where more are undominated the latest go, so a plan may be refused, never a wrong one kept. */
const WIDTH = 24;

/**
 * Partial schedules up to each visit of a sequence, as flat arrays: visit i owns the slots i·WIDTH onwards. One that is
 * later, has had less break, and has worked and driven longer since the last one than another can never do better.
 */
export interface Labels {
  readonly width: number;
  count: Int32Array;
  /** end of the visit's work */
  departS: Float64Array;
  takenS: Float64Array;
  stretchS: Float64Array;
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
  stretchS: number;
  drivenS: number;
  firstTaken: number;
  parent: number;
  leaveS: number;
  arriveS: number;
  startS: number;
}

/** Creates room for sequences of so many visits. */
export function createLabels(visits: number): Labels {
  const size = (visits + 2) * WIDTH;
  return {
    width: WIDTH,
    count: new Int32Array(visits + 2),
    departS: new Float64Array(size),
    takenS: new Float64Array(size),
    stretchS: new Float64Array(size),
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
    stretchS: 0,
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
    labels.stretchS[slot]! <= label.stretchS &&
    labels.drivenS[slot]! <= label.drivenS &&
    labels.firstTaken[slot]! >= label.firstTaken
  );
}

function isCovered(labels: Labels, slot: number, label: Label): boolean {
  return (
    label.departS <= labels.departS[slot]! &&
    label.takenS >= labels.takenS[slot]! &&
    label.stretchS <= labels.stretchS[slot]! &&
    label.drivenS <= labels.drivenS[slot]! &&
    label.firstTaken >= labels.firstTaken[slot]!
  );
}

function write(labels: Labels, slot: number, label: Label): void {
  labels.departS[slot] = label.departS;
  labels.takenS[slot] = label.takenS;
  labels.stretchS[slot] = label.stretchS;
  labels.drivenS[slot] = label.drivenS;
  labels.firstTaken[slot] = label.firstTaken;
  labels.parent[slot] = label.parent;
  labels.leaveS[slot] = label.leaveS;
  labels.arriveS[slot] = label.arriveS;
  labels.startS[slot] = label.startS;
}

/** Where a label goes that nothing covers: over one it covers, behind the others, or over the latest; -1 is nowhere. */
function slotFor(labels: Labels, visit: number, label: Label): number {
  const from = visit * WIDTH;
  const count = labels.count[visit]!;
  let latest = -1;
  for (let slot = from; slot < from + count; slot++) {
    if (covers(labels, slot, label)) return -1;
    if (isCovered(labels, slot, label)) return slot;
    if (latest < 0 || labels.departS[slot]! > labels.departS[latest]!) latest = slot;
  }
  if (count < WIDTH) return from + labels.count[visit]!++;
  return labels.departS[latest]! > label.departS ? latest : -1;
}

/** Keeps a label at a visit unless another one there is at least as good. */
export function keepLabel(labels: Labels, visit: number, label: Label): void {
  const slot = slotFor(labels, visit, label);
  if (slot >= 0) write(labels, slot, label);
}
