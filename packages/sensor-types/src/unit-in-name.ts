import { unitFromText } from '@ronde/contracts';
import type { UcumCode, WrittenUnit } from '@ronde/contracts';

/** Endings of names that mean a unit and hardly anything else: a single letter only in brackets or behind `_`. */
const ENDINGS =
  /(?:^|[_\s([]|(?<=[a-z0-9])(?=[A-Z%]))(mm|cm|dm|m|inch(?:es)?|feet|ft|millimet(?:er|re)s?|centimet(?:er|re)s?|met(?:er|re)s?|percent(?:age)?|perc|pct|%|mV|mA|kPa|hPa|mbar|bar|psi|kg|lit(?:er|re)s?)[)\]]?$/i;

/**
 * Tells which unit a field's name ends with: `distance1_cm`, `Level(m)`, `fillPercent`, `IDC_input_mA`.
 * @returns undefined when the name tells none; `fits` is undefined when the unit measures something else than `like`
 */
export function unitInName(path: string, like: UcumCode): { fits: WrittenUnit | undefined } | undefined {
  const name =
    path
      .replaceAll(/\[[^\]]*\]$/g, '')
      .split('.')
      .at(-1) ?? '';
  const [, ending] = ENDINGS.exec(name.replace(/_?(?:value|val|raw|avg|mean|median)$/i, '')) ?? [];
  if (ending === undefined) return undefined;
  return { fits: unitFromText(/^perc/i.test(ending) ? 'percent' : ending, like) };
}

/** What stands above the filling, not the filling. */
const REST =
  /remain|ullage|(?:^|[_\s])(?:empty|free|rest)(?![a-z])|(?:empty|free)(?:Space|Room|Level|Percent)|headspace|air_?gap/i;

/** Tells whether a field's name says that it counts what is left above the filling. */
export function tellsRest(path: string): boolean {
  return REST.test(path.split('.').at(-1) ?? '');
}
