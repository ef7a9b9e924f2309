import type { Fault, ImportRow } from '@ronde/contracts';
import type { z } from 'zod';

/** Gives a schema's issues as errors of a row: the field dotted, a missing one called that. */
export function errorsOfIssues(error: z.ZodError, value: unknown): ImportRow['errors'] {
  return error.issues.map(({ path, message }) => ({
    field: path.join('.'),
    ...(isMissing(value, path) ? { message: 'is missing', remedy: 'fill it in, or add its column' } : { message }),
  }));
}

export function errorsOfFaults(faults: readonly Fault[]): ImportRow['errors'] {
  return faults.map(({ field, message, remedy }) => ({ field, message, ...(remedy !== undefined && { remedy }) }));
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let at = value;
  for (const step of path) at = (at as Record<PropertyKey, unknown> | undefined)?.[step];
  return at === undefined;
}
