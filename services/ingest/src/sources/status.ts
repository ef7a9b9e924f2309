const EXTERNAL = 0;
const MAX_LEVEL = 254;

/**
 * Reads a battery level as DevStatusAns gives it: 1…254 from empty to full, 0 on external power, 255 not measured.
 * @see LoRaWAN 1.0.4 §5.5
 */
export function levelOf(level: number): { battery: number | null; externalPower: boolean | null } {
  if (level === EXTERNAL) return { battery: null, externalPower: true };
  if (!Number.isInteger(level) || level < 1 || level > MAX_LEVEL) return { battery: null, externalPower: null };
  return { battery: Number(((level - 1) / (MAX_LEVEL - 1)).toFixed(4)), externalPower: false };
}
