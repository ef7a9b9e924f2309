import type { Fault } from '@ronde/contracts';
import { DUTY_CYCLE, SLOWEST_SF, airtimeMs, maxPayloadBytes } from '@ronde/device-health';

/** Seconds of a parameter's unit, where it is a time. */
const SECONDS: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86_400 };
const IS_INTERVAL = /interval|period|cycle|report/i;

/** Checks that a downlink fits one frame at the slowest data rate of EU868. */
export function sizeFaults(bytes: Uint8Array): Fault[] {
  const most = maxPayloadBytes(SLOWEST_SF);
  if (bytes.length <= most) return [];
  const message = `is ${bytes.length} bytes long; at the slowest data rate (SF${SLOWEST_SF}) ${most} fit`;
  return [{ field: 'setting', code: 'DOWNLINK_IMPOSSIBLE', message, remedy: 'choose a setting with fewer parameters' }];
}

/** Gives the reporting interval that a setting would bring, seconds; undefined for settings of something else. */
export function intervalOf(
  setting: { name: string; parameters: Record<string, { unit?: string | undefined }> },
  given: Record<string, unknown>,
): number | undefined {
  if (!IS_INTERVAL.test(setting.name)) return undefined;
  for (const [name, { unit }] of Object.entries(setting.parameters)) {
    const value = given[name];
    const factor = SECONDS[unit ?? ''];
    if (typeof value === 'number' && factor !== undefined) return value * factor;
  }
  return undefined;
}

/** Checks that a device may send that often: at the slowest data rate it must keep to one hundredth of the time. */
export function dutyFaults(intervalS: number | undefined, payloadBytes: number): Fault[] {
  if (intervalS === undefined || intervalS <= 0) return [];
  const airS = airtimeMs({ payloadBytes, spreadingFactor: SLOWEST_SF }) / 1000;
  const leastS = Math.ceil(airS / DUTY_CYCLE);
  if (intervalS >= leastS) return [];
  const message = `every ${intervalS} s breaks the duty cycle at the slowest data rate: ${payloadBytes} bytes take ${airS.toFixed(1)} s of air`;
  return [{ field: 'parameters', code: 'DOWNLINK_IMPOSSIBLE', message, remedy: `at least ${leastS} s` }];
}
