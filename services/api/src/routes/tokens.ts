import { z } from 'zod';
import { PageQuery, RondeError, Token, TokenCreated, TokenInput, pageOf, type TokenRecord } from '@ronde/contracts';
import { allow, newId } from '@ronde/kit';
import { hashSecret, newSecret } from '@ronde/registry';
import { ADMINS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { mapPage, pageQuery } from '../faults.ts';
import { announce } from './context.ts';
import { IdParams } from './documents.ts';

/** Adds bearer tokens: made and withdrawn by admins, within their own tenant. */
export function addTokens(deps: ApiDeps): void {
  const { http, registry, clock } = deps;
  http.get('/v1/tokens', {
    preHandler: allow(...ADMINS),
    schema: { summary: 'List tokens, without their secrets', querystring: PageQuery, response: { 200: pageOf(Token) } },
    handler: async (request) =>
      mapPage(await registry.tokens.list(request.principal.tenant, pageQuery(request.query)), withoutSecret),
  });
  http.post('/v1/tokens', {
    preHandler: allow(...ADMINS),
    schema: {
      summary: 'Make a token; the answer shows it this once',
      body: TokenInput,
      response: { 201: TokenCreated },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const token = newSecret();
      const id = newId('tok', clock.nowMs());
      await registry.tokens.put(tenant, { ...request.body, id, createdAt: clock.iso(), secretHash: hashSecret(token) });
      await announce(deps, tenant, { kind: 'token', id });
      void reply.status(201).header('location', `/v1/tokens/${id}`);
      return { id, token };
    },
  });
  http.delete('/v1/tokens/:id', {
    preHandler: allow(...ADMINS),
    schema: { summary: 'Withdraw a token, at once', params: IdParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      if (!(await registry.tokens.delete(tenant, id)))
        throw new RondeError('RESOURCE_UNKNOWN', `there is no token "${id}"`);
      await announce(deps, tenant, { kind: 'token', id, deleted: true });
      return reply.status(204).send(null);
    },
  });
}

function withoutSecret({ secretHash: _hidden, ...token }: TokenRecord): Token {
  return token;
}
