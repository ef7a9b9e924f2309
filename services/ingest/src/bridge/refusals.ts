/** Why an outside broker is not followed, and what to do about it. */
export interface Refusal {
  reason: string;
  remedy: string;
  /** Trying again soon cannot help: somebody must change something first. */
  isFinal: boolean;
  /** Another version of MQTT may be let in. */
  isOfVersion?: boolean;
}

const CREDENTIALS = 'check user name and password (or API key) and what the broker lets this user do';
const VERSION = 'set MQTT_UPSTREAM_PROTOCOL (or follow.protocol) to the version that the broker speaks: 4 or 5';
const TOPICS = 'give filters that this user may subscribe to (MQTT_UPSTREAM_TOPICS, or follow.topics)';
const NO_SHARE =
  'leave MQTT_UPSTREAM_SHARE (or follow.share) empty and follow with one worker, or use a broker with shared subscriptions';

/** CONNACK return codes of MQTT 3.1.1, table 3.1. */
const CONNACK_4: Record<number, Refusal> = {
  1: { reason: 'the broker does not speak this MQTT version', remedy: VERSION, isFinal: true, isOfVersion: true },
  2: {
    reason: 'the broker refuses the client id',
    remedy: 'set MQTT_UPSTREAM_CLIENT_ID to one that it takes',
    isFinal: true,
  },
  3: { reason: 'the broker says that it is unavailable', remedy: 'look at the broker', isFinal: false },
  4: { reason: 'the broker refuses user name or password', remedy: CREDENTIALS, isFinal: true },
  5: { reason: 'the broker does not let this user in', remedy: CREDENTIALS, isFinal: true },
};

/** Reason codes of MQTT 5, table 2-6, as far as a CONNACK, SUBACK or DISCONNECT carries them. */
const REASONS_5: Record<number, Refusal> = {
  0x84: CONNACK_4[1]!,
  0x85: CONNACK_4[2]!,
  0x86: CONNACK_4[4]!,
  0x87: CONNACK_4[5]!,
  0x88: CONNACK_4[3]!,
  0x89: { reason: 'the broker is busy', remedy: 'look at the load of the broker', isFinal: false },
  0x8a: { reason: 'the broker has banned this client', remedy: CREDENTIALS, isFinal: true },
  0x8b: { reason: 'the broker is shutting down', remedy: 'it is tried again until it is back', isFinal: false },
  0x8e: {
    reason: 'another client took this session over',
    remedy: 'give each worker an INGEST_WORKER of its own',
    isFinal: false,
  },
  0x8f: { reason: 'the broker refuses a topic filter', remedy: TOPICS, isFinal: true },
  0x97: { reason: 'a quota of the broker is used up', remedy: 'raise the quota at the broker', isFinal: false },
  0x9c: { reason: 'the broker moved', remedy: 'follow the other server', isFinal: true },
  0x9d: { reason: 'the broker moved', remedy: 'follow the other server', isFinal: true },
  0x9e: { reason: 'the broker has no shared subscriptions', remedy: NO_SHARE, isFinal: true },
  0x9f: { reason: 'too many connections a second', remedy: 'it is tried again more slowly', isFinal: false },
  0xa2: { reason: 'the broker takes no wildcards', remedy: TOPICS, isFinal: true },
};

/** Explains a CONNACK, or the reason code of a DISCONNECT or SUBACK, that says no. */
export function refusalOf(code: number, version: 4 | 5): Refusal {
  // an older broker answers an MQTT 5 CONNECT in its own words; those of MQTT 5 begin at 0x80
  const known = version === 4 || code < 0x80 ? CONNACK_4[code] : REASONS_5[code];
  return (
    known ?? {
      reason: `the broker answered with code ${code}`,
      remedy: 'look at the log of the broker',
      isFinal: false,
    }
  );
}

/** Explains a SUBACK that refuses a filter. */
export function subscriptionRefusal(filter: string, code: number, version: 4 | 5): Refusal {
  const known = version === 5 ? REASONS_5[code] : undefined;
  return {
    reason: `the subscription to ${filter} is refused${known ? `: ${known.reason}` : ''}`,
    remedy: known?.remedy ?? TOPICS,
    isFinal: true,
  };
}

/** Explains why shared subscriptions cannot be relied on with a broker. */
export function shareRefusal(version: 4 | 5): Refusal {
  return version === 5
    ? REASONS_5[0x9e]!
    : {
        reason: 'the broker speaks MQTT 3.1.1 only, where nothing tells whether $share delivers or is silently ignored',
        remedy: `where its documentation has shared subscriptions, set the protocol to 4; otherwise ${NO_SHARE}`,
        isFinal: true,
      };
}
