import { z } from 'zod';
import {
  Integration,
  IntegrationCreated,
  IntegrationInput,
  PageQuery,
  RondeError,
  pageOf,
  type IntegrationRecord,
} from '@ronde/contracts';
import { allow, etagOf, sealContext, sendTagged } from '@ronde/kit';
import { hashSecret, newSecret } from '@ronde/registry';
import { ENGINEERS } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { found, mapPage, pageQuery } from '../faults.ts';
import { announce } from './context.ts';
import { IdParams } from './documents.ts';

/** Adds credentials of network servers: MQTT username `integration:{id}`, webhook Bearer or Basic. */
export function addIntegrations(deps: ApiDeps): void {
  addReads(deps);
  addWrites(deps);
}

function addReads({ http, registry }: ApiDeps): void {
  http.get('/v1/integrations', {
    preHandler: allow(...ENGINEERS),
    schema: { summary: 'List integrations', querystring: PageQuery, response: { 200: pageOf(Integration) } },
    handler: async (request) =>
      mapPage(await registry.integrations.list(request.principal.tenant, pageQuery(request.query)), withoutSecret),
  });
  http.get('/v1/integrations/:id', {
    preHandler: allow(...ENGINEERS),
    schema: { summary: 'Read an integration', params: IdParams, response: { 200: Integration } },
    handler: async (request, reply) => {
      const { id } = request.params;
      const integration = withoutSecret(
        found(await registry.integrations.get(request.principal.tenant, id), 'integration', id),
      );
      return sendTagged(request, reply, { etag: etagOf(integration), body: integration }) as never;
    },
  });
}

function addWrites(deps: ApiDeps): void {
  const { http, registry } = deps;
  http.post('/v1/integrations', {
    preHandler: allow(...ENGINEERS),
    schema: {
      summary: 'Add an integration; the answer shows its secret this once',
      body: IntegrationInput,
      response: { 201: IntegrationCreated },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const secret = newSecret();
      const record = recordOf(deps, request.body, hashSecret(secret));
      if (!(await registry.integrations.insert(tenant, record))) {
        throw new RondeError('RESOURCE_EXISTS', `the integration id "${record.id}" is taken`);
      }
      await announce(deps, tenant, { kind: 'integration', id: record.id });
      void reply.status(201).header('location', `/v1/integrations/${record.id}`);
      return { ...withoutSecret(record), secret };
    },
  });
  http.delete('/v1/integrations/:id', {
    preHandler: allow(...ENGINEERS),
    schema: { summary: 'Withdraw an integration', params: IdParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      if (!(await registry.integrations.delete(tenant, id)))
        throw new RondeError('RESOURCE_UNKNOWN', `there is no integration "${id}"`);
      await announce(deps, tenant, { kind: 'integration', id, deleted: true });
      return reply.status(204).send(null);
    },
  });
}

function recordOf({ clock, sealer }: ApiDeps, input: IntegrationInput, secretHash: string): IntegrationRecord {
  const { api, follow, ...rest } = input;
  return {
    ...rest,
    createdAt: clock.iso(),
    secretHash,
    ...(api && { api: sealed(api, (key) => sealer.seal(key, sealContext.integration(input.id))) }),
    ...(follow && { follow: sealed(follow, (key) => sealer.seal(key, sealContext.follow(input.id))) }),
  };
}

function sealed<T extends { key?: string | undefined }>(
  { key, ...open }: T,
  seal: (key: string) => string,
): Omit<T, 'key'> & { keySealed?: string } {
  return { ...open, ...(key && { keySealed: seal(key) }) };
}

function withoutSecret({ secretHash: _hidden, api, follow, ...integration }: IntegrationRecord): Integration {
  return { ...integration, ...(api && { api: unsealed(api) }), ...(follow && { follow: unsealed(follow) }) };
}

function unsealed<T extends { keySealed?: string | undefined }>({
  keySealed,
  ...open
}: T): Omit<T, 'keySealed'> & { hasKey: boolean } {
  return { ...open, hasKey: keySealed !== undefined };
}
