import type { CrewEvent, CrewEventAck, Problem } from '@ronde/contracts';
import type { Answer } from '../shared/rest.ts';
import type { Delivery } from './outbox.ts';

export interface DeliveryParts {
  /** Hands a message to the live channel; false = the channel is not live. */
  send(message: object): boolean;
  post(event: CrewEvent): Promise<Answer<CrewEventAck>>;
  /** False when the browser knows that there is no network at all. */
  isOnline(): boolean;
  after(delayMs: number, run: () => void): () => void;
}

export interface DeliveryRoute {
  deliver(event: CrewEvent): Promise<Delivery>;
  /** An `eventAck` came over the channel. */
  acked(ack: CrewEventAck): void;
  /** The channel said that the event under way was not taken, or it closed. */
  failed(): void;
}

const ACK_WITHIN_MS = 5_000;
/** Answers after which sending the same event again cannot help. */
const FINAL = new Set([400, 413, 422]);

/** Makes the way out: the live channel first, REST when the channel is away or does not answer in time. */
export function createDelivery({ send, post, isOnline, after }: DeliveryParts): DeliveryRoute {
  let waiting: { id: string; end(ack: CrewEventAck | undefined): void } | undefined;

  const overChannel = (event: CrewEvent): Promise<CrewEventAck | undefined> =>
    new Promise((resolve) => {
      const cancel = after(ACK_WITHIN_MS, () => end(undefined));
      const end = (ack: CrewEventAck | undefined): void => {
        cancel();
        waiting = undefined;
        resolve(ack);
      };
      waiting = { id: event.id, end };
      if (!send({ type: 'event', ...event })) end(undefined);
    });

  return {
    async deliver(event) {
      if (!isOnline()) return 'unreached';
      const ack = await overChannel(event);
      if (ack) return ack;
      const answer = await post(event);
      return answer.ok ? answer.value : refusal(event, answer.problem);
    },
    acked(ack) {
      if (waiting?.id === ack.id) waiting.end(ack);
    },
    failed: () => waiting?.end(undefined),
  };
}

/** An event that the server can never read would block all behind it: it goes to review. Anything else is tried again. */
function refusal(event: CrewEvent, problem: Problem): Delivery {
  return FINAL.has(problem.status) ? { id: event.id, status: 'rejected', fault: problem.detail } : 'unreached';
}
