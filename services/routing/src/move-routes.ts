import { z } from 'zod';
import { MoveInput, MoveQuote, RondeError, Round } from '@ronde/contracts';
import { allow, checkMatch, etagOf, refuse, type HttpRequest, type HttpServer } from '@ronde/kit';
import type { Moves } from './moves.ts';

/** Adds the routes by which an operator moves stops: the price first, then the move with the tag of that price. */
export function addMoveRoutes(http: HttpServer, { moves, tenant }: { moves: Moves; tenant: string }): void {
  const preHandler = allow('operator', 'admin');
  const isOurs = (own: string, roundId: string): void => {
    if (own !== tenant) throw new RondeError('RESOURCE_UNKNOWN', `no round ${roundId} is published or active`);
  };
  http.post(
    '/v1/stop-moves/quotes',
    {
      preHandler,
      schema: {
        tags: ['rounds'],
        summary: 'Price a move of a stop within or between rounds; nothing changes',
        body: MoveInput,
        response: { 200: MoveQuote },
      },
    },
    async ({ body, principal }, reply) => {
      isOurs(principal.tenant, body.roundId);
      const { quote, state } = await moves.quote(body);
      void reply.header('etag', etagOf(state));
      return quote;
    },
  );
  http.post(
    '/v1/stop-moves',
    {
      preHandler,
      schema: {
        tags: ['rounds'],
        summary: 'Move a stop; If-Match holds the tag of its price. Later plans keep it there',
        body: MoveInput,
        response: { 200: z.object({ rounds: z.array(Round) }) },
      },
    },
    async (request) => {
      const { body, principal } = request;
      isOurs(principal.tenant, body.roundId);
      if (request.headers['if-match'] === undefined) {
        const remedy = 'ask for the price at POST /v1/stop-moves/quotes and send its ETag';
        refuse([{ field: 'If-Match', code: 'INPUT_INVALID', message: 'is missing', remedy }]);
      }
      return { rounds: await moves.commit(body, (state) => checkMatch(request as HttpRequest, state)) };
    },
  );
}
