import { moveSegment } from './or-opt.ts';

/** Moves stop a behind stop b. */
export const relocate = moveSegment('relocate', 1, false);
