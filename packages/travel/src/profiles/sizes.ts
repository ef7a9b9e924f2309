const FOOT_M = 0.3048;
const INCH_M = 0.0254;
const POUND_T = 0.00045359237;

/** Reads a length of a tag in metres: `3.5`, `3.5 m`, `350 cm`, `11'6"`; undefined for none, default and the like. */
export function readMetres(text: string): number | undefined {
  const [, feet, inches] = /^\s*(\d+)'\s*(?:(\d+(?:\.\d+)?)")?\s*$/.exec(text) ?? [];
  if (feet !== undefined) return Number(feet) * FOOT_M + Number(inches ?? 0) * INCH_M;
  const [, number, unit = 'm'] = /^\s*(\d+(?:[.,]\d+)?)\s*(m|cm|ft)?\s*$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number.replace(',', '.'));
  return unit === 'cm' ? value / 100 : unit === 'ft' ? value * FOOT_M : value;
}

/** Reads a mass of a tag in tonnes: `7.5`, `7.5 t`, `3500 kg`, `16000 lbs`, `8 st`. */
export function readTonnes(text: string): number | undefined {
  const [, number, unit = 't'] = /^\s*(\d+(?:[.,]\d+)?)\s*(t|kg|lbs?|st)?\s*$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const value = Number(number.replace(',', '.'));
  if (unit === 'kg') return value / 1000;
  if (unit === 'st') return value * 2000 * POUND_T;
  return unit.startsWith('lb') ? value * POUND_T : value;
}

/** Reads a speed of a tag in km/h: `50`, `30 mph`, `walk`, `NL:urban`; undefined for none and signals. */
export function readKmh(text: string): number | undefined {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(mph|km\/h|kmh)?\s*$/.exec(text) ?? [];
  if (number !== undefined) return unit === 'mph' ? Number(number) * 1.609344 : Number(number);
  if (text === 'walk' || text.endsWith(':living_street')) return 7;
  const [, zone] = /:(?:zone:?)?(\d+)$/.exec(text) ?? [];
  if (zone !== undefined) return Number(zone);
  if (text.endsWith(':urban')) return 50;
  return text.endsWith(':rural') ? 80 : undefined;
}
