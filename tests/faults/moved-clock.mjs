import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/*
 * Loaded into every thread of a platform by `--import`: its host's clock is off by as many milliseconds as CLOCK_OFFSET_FILE
 * says. The monotonic clock and with it all timers go on as they are, as when an administrator or NTP sets a clock.
 */
const LOOK_EVERY_MS = 20;
const file = process.env['CLOCK_OFFSET_FILE'];
const RealDate = Date;
const realNow = Date.now.bind(Date);
let offsetMs = 0;
let lookedMs = -Infinity;

function now() {
  if (performance.now() - lookedMs > LOOK_EVERY_MS) {
    lookedMs = performance.now();
    offsetMs = Number(readFileSync(file, 'utf8'));
  }
  return realNow() + offsetMs;
}

class MovedDate extends RealDate {
  constructor(...values) {
    if (values.length === 0) super(now());
    else super(...values);
  }
  static now() {
    return now();
  }
}
if (file) globalThis.Date = MovedDate;
