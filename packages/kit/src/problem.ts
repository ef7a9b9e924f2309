import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ERRORS, RondeError, type ErrorCode, type Problem } from '@ronde/contracts';

type ProblemErrors = NonNullable<Problem['errors']>;

/** Turns anything thrown in a route into RFC 9457 problem details, without inner workings. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof RondeError) {
    const faults = thrown.details?.['faults'] as ProblemErrors | undefined;
    return problemOf(
      thrown.code,
      thrown.message,
      faults?.map(({ field, message, remedy }) => ({ field, message, ...(remedy !== undefined && { remedy }) })),
    );
  }
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const errors = thrown.validation.map((fault) => ({
      field: fault.instancePath.replace(/^\//, '').replaceAll('/', '.') || (thrown.validationContext ?? 'body'),
      message: fault.message ?? 'is not valid',
    }));
    return problemOf('INPUT_INVALID', `${errors.length} field(s) are not valid`, errors);
  }
  const { statusCode, message } = thrown as { statusCode?: number; message?: string };
  if (statusCode === 404) return problemOf('RESOURCE_UNKNOWN', 'there is nothing at this path');
  if (statusCode === 413) return problemOf('BODY_TOO_LARGE', 'the body is too large');
  if (statusCode === 415) return problemOf('MEDIA_UNSUPPORTED', 'the body is not application/json');
  if (statusCode && statusCode >= 400 && statusCode < 500)
    return problemOf('INPUT_INVALID', message ?? 'the request is not valid');
  return problemOf('INTERNAL', 'something went wrong on our side');
}

function problemOf(code: ErrorCode, detail: string, errors?: ProblemErrors): Problem {
  const { status, remedy } = ERRORS[code];
  const title = code.toLowerCase().replaceAll('_', ' ');
  return {
    type: `https://ronde.example/errors#${code.toLowerCase()}`,
    title,
    status,
    detail,
    code,
    remedy,
    ...(errors && { errors }),
  };
}
