import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { ERRORS, RondeError, type ErrorCode, type Fault, type Problem } from '@ronde/contracts';

type ProblemErrors = NonNullable<Problem['errors']>;

/** What a call's body may measure unless its route says otherwise. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** What Fastify finds before a schema looks. */
const UNREAD: Record<string, ProblemErrors[number]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { field: 'body', message: 'is not JSON', remedy: 'send one JSON value in UTF-8' },
  FST_ERR_BAD_URL: { field: 'url', message: 'holds a % that begins no character', remedy: 'percent-encode the path' },
  FST_ERR_MAX_PARAM_LENGTH: { field: 'url', message: 'holds an id of more than 200 characters' },
};

/** Refuses a call with every fault at once; passes when there are none. @throws RondeError INPUT_INVALID */
export function refuse(faults: readonly (Fault | undefined)[]): void {
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new RondeError('INPUT_INVALID', notValid(found.length), { details: { faults: found } });
}

/** Turns anything thrown in a route into RFC 9457 problem details, without inner workings. */
export function toProblem(thrown: unknown, bodyLimitBytes = BODY_LIMIT_BYTES): Problem {
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
    return problemOf('INPUT_INVALID', notValid(errors.length), errors);
  }
  const { statusCode, message, code } = thrown as { statusCode?: number; message?: string; code?: string };
  if (statusCode === 404) return problemOf('RESOURCE_UNKNOWN', 'there is nothing at this path');
  if (statusCode === 413) return problemOf('BODY_TOO_LARGE', `the body is larger than ${bodyLimitBytes / 1024} KiB`);
  if (statusCode === 415) return problemOf('MEDIA_UNSUPPORTED', 'the body is not application/json');
  const unread = UNREAD[code ?? ''];
  if (unread) return problemOf('INPUT_INVALID', notValid(1), [unread]);
  if (statusCode && statusCode >= 400 && statusCode < 500)
    return problemOf('INPUT_INVALID', message ?? 'the request is not valid');
  return problemOf('INTERNAL', 'something went wrong on our side');
}

function notValid(fields: number): string {
  return fields === 1 ? '1 field is not valid' : `${fields} fields are not valid`;
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
