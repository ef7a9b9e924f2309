import { convertUnit, unitFromText } from '@ronde/contracts';
import type { UcumCode } from '@ronde/contracts';
import { z } from 'zod';

const WITH_UNIT = /^\s*(-?\d+(?:[.,]\d+)?)\s*(\D.*)$/;

/** A number in the given unit, or a text that carries its own: "280 mm" where metres are meant. */
export function numberIn(unit: UcumCode) {
  return z.union([z.number(), z.string()]).transform((given, context) => {
    if (typeof given === 'number') return given;
    const [, number, written] = WITH_UNIT.exec(given) ?? [];
    const read = written === undefined ? undefined : unitFromText(written, unit);
    const value = read && convertUnit(Number(number?.replace(',', '.')) * read.factor, read.code, unit);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `"${given}" is no value in ${unit}; write a number and its unit` });
    return z.NEVER;
  });
}
