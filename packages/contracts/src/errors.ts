/** What a code means to the outside: HTTP status, whether trying again helps, and what to do. */
export interface ErrorDefinition {
  status: number;
  retriable: boolean;
  remedy: string;
}

/** Every error code of the platform. `docs/errors.md` is generated from this table. */
export const ERRORS = {
  INPUT_INVALID: { status: 400, retriable: false, remedy: 'correct the fields named in "errors" and send again' },
  TOKEN_MISSING: {
    status: 401,
    retriable: false,
    remedy: 'send "Authorization: Bearer <token>"; POST /v1/tokens makes one',
  },
  TOKEN_UNKNOWN: {
    status: 401,
    retriable: false,
    remedy: 'the token is wrong, expired or withdrawn; ask an admin for a new one',
  },
  ROLE_INSUFFICIENT: { status: 403, retriable: false, remedy: 'use a token with one of the roles named in "detail"' },
  RESOURCE_UNKNOWN: { status: 404, retriable: false, remedy: 'check the id; list the collection to see what exists' },
  RESOURCE_EXISTS: { status: 409, retriable: false, remedy: 'choose another id, or PUT the existing one' },
  IDEMPOTENCY_CONFLICT: { status: 409, retriable: false, remedy: 'use a new Idempotency-Key for a different body' },
  STATE_CONFLICT: {
    status: 409,
    retriable: false,
    remedy: 'read the resource again: its state allows other steps; "detail" says which is in the way',
  },
  VERSION_CONFLICT: {
    status: 412,
    retriable: false,
    remedy: 'read the resource again and send its current ETag in If-Match',
  },
  BODY_TOO_LARGE: {
    status: 413,
    retriable: false,
    remedy: 'split the body; "detail" names the most that this call takes',
  },
  MEDIA_UNSUPPORTED: { status: 415, retriable: false, remedy: 'send application/json' },
  RATE_EXCEEDED: { status: 429, retriable: true, remedy: 'wait the seconds in Retry-After and send again' },
  STORAGE_UNAVAILABLE: {
    status: 503,
    retriable: true,
    remedy: 'check free disk space and DATA_DIR permissions; nothing was accepted',
  },
  READINGS_UNREACHABLE: { status: 503, retriable: true, remedy: 'check READINGS_URL and that the store runs' },
  REGISTRY_UNREACHABLE: { status: 503, retriable: true, remedy: 'check REGISTRY_URL and that the store runs' },
  DATA_DIR_LOCKED: {
    status: 503,
    retriable: false,
    remedy: 'another process uses this DATA_DIR; stop it or choose another DATA_DIR',
  },
  SCHEMA_NEWER: {
    status: 503,
    retriable: false,
    remedy: 'this database was written by a newer Ronde; start that version, or restore a backup',
  },
  STORE_CORRUPT: {
    status: 503,
    retriable: false,
    remedy: 'run "ronde doctor"; restore the last backup if it confirms the damage',
  },
  TRAVEL_UNREACHABLE: { status: 503, retriable: true, remedy: 'check TRAVEL_URL and that the server runs' },
  TRAVEL_REFUSED: {
    status: 502,
    retriable: false,
    remedy: 'the routing server of TRAVEL_URL answers but does not do this; "detail" says what to change there',
  },
  TRAVEL_FILE_UNREADABLE: {
    status: 503,
    retriable: false,
    remedy: 'put a whole .osm.pbf extract where TRAVEL_URL says; "ronde doctor" tells what is wrong with it',
  },
  BUS_UNREACHABLE: { status: 503, retriable: true, remedy: 'check BUS_URL and that the server runs' },
  UPLINK_TAKEN: {
    status: 409,
    retriable: false,
    remedy:
      'nothing to do: another worker has stored a copy of this uplink, and the batch is prepared again without it',
  },
  LEASE_LOST: {
    status: 503,
    retriable: false,
    remedy: 'nothing to do: the process that leads now does the work, and this one ends itself',
  },
  CONFIG_INVALID: {
    status: 500,
    retriable: false,
    remedy: 'correct the variables listed; docs/config.md describes each',
  },
  ROLES_IMPOSSIBLE: {
    status: 500,
    retriable: false,
    remedy: 'give BUS_URL and REGISTRY_URL that processes can share, or start all roles together',
  },
  INTERNAL: { status: 500, retriable: true, remedy: 'try again; if it stays, look up the request id in the log' },
  ENVELOPE_UNKNOWN: {
    status: 400,
    retriable: false,
    remedy: 'send one of the documented envelopes; check the topic and the webhook source',
  },
  PAYLOAD_MALFORMED: {
    status: 400,
    retriable: false,
    remedy: 'compare the message with the example of its source, mend the sender, then replay',
  },
  DEVICE_UNKNOWN: { status: 404, retriable: false, remedy: 'register the device with this devEUI or id, then replay' },
  SENSOR_TYPE_UNKNOWN: {
    status: 404,
    retriable: false,
    remedy: 'give the device a known typeId, or add the sensor type, then replay',
  },
  CODEC_FAULT: {
    status: 400,
    retriable: false,
    remedy: 'check fPort and device type against the data sheet; mend the codec, then replay',
  },
  DOWNLINK_IMPOSSIBLE: {
    status: 400,
    retriable: false,
    remedy: 'choose a setting that the type offers, within the limits named in "errors"',
  },
  NETWORK_UNREACHABLE: {
    status: 503,
    retriable: true,
    remedy: "check the integration's api url and key, and that the network server answers",
  },
  PLAN_IMPOSSIBLE: {
    status: 400,
    retriable: false,
    remedy: 'give at least one vehicle with a depot and a shift inside from…to',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;

/** One thing wrong with an input: the field, what is wrong, and what to do about it. */
export interface Fault {
  field: string;
  code: ErrorCode;
  message: string;
  remedy?: string;
}

/** Expected bad input is a value: all faults at once, never only the first. */
export type Result<T> = { ok: true; value: T } | { ok: false; faults: Fault[] };

/** The one error class: a code of the table, a sentence, and the cause. */
export class RondeError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RondeError';
    this.code = code;
    this.details = options.details;
  }

  get definition(): ErrorDefinition {
    return ERRORS[this.code];
  }
}

/** Tells whether a thrown value is a RondeError, optionally with one code. */
export function isRondeError(thrown: unknown, code?: ErrorCode): thrown is RondeError {
  return thrown instanceof RondeError && (code === undefined || thrown.code === code);
}
