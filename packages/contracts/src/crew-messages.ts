import { z } from 'zod';
import type { Instant } from './basics.ts';
import { CrewEvent, type CrewEventAck } from './crew-event.ts';
import { AuthMessage, PingMessage, Since, type ErrorMessage, type HelloMessage } from './live-messages.ts';
import type { Round, RoundChange } from './plan.ts';

export const CrewSubMessage = z.object({
  type: z.literal('sub'),
  topic: z.literal('rounds').optional(),
  since: Since.optional(),
});
export const AckMessage = z.object({ type: z.literal('ack'), roundId: z.string(), version: z.number().int() });
export const EventMessage = CrewEvent.extend({ type: z.literal('event') });
/** What a tablet may send. */
export const CrewClientMessage = z.discriminatedUnion('type', [
  AuthMessage,
  CrewSubMessage,
  AckMessage,
  EventMessage,
  PingMessage,
]);
export type CrewClientMessage = z.infer<typeof CrewClientMessage>;

export interface CrewSnapMessage {
  type: 'snap';
  epoch: string;
  offset: number;
  rounds: Round[];
}
export interface CrewRoundMessage {
  type: 'round';
  offset: number;
  round: Round;
  changes: RoundChange[];
}
export type CrewEventAckMessage = { type: 'eventAck' } & CrewEventAck;
export type CrewServerMessage =
  | HelloMessage
  | CrewSnapMessage
  | CrewRoundMessage
  | CrewEventAckMessage
  | ErrorMessage
  | { type: 'pong'; serverTime: Instant };
