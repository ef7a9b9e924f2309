import type { FastifySchema, RouteOptions } from 'fastify';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { Problem } from '@ronde/contracts';
import { rolesOf } from './guard.ts';

/** Whom to ask about this installation's API (OpenAPI 3.1, Contact Object). */
export interface Contact {
  name: string;
  url?: string | undefined;
  email?: string | undefined;
}

/** The head of the OpenAPI document; routes add the rest. */
export function openapiHead(version: string, { name, url, email }: Contact) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ronde',
      version,
      description:
        'Fill levels, forecasts and cleaning rounds. Times are RFC 3339: any offset in, UTC out. Faults are problem+json (RFC 9457). ' +
        'Writes take an Idempotency-Key; answers are kept for 24 hours.',
      contact: { name, ...(url && { url }), ...(email && { email }) },
      license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
    },
    servers: [{ url: '/' }],
    components: { securitySchemes: { bearer: { type: 'http' as const, scheme: 'bearer' } } },
    security: [{ bearer: [] }],
  };
}

const zodTransform = createJsonSchemaTransform({ skipList: [] });
const problemSchema = withoutDialect(z.toJSONSchema(Problem));
const problemAnswer = { description: 'Problem', content: { 'application/problem+json': { schema: problemSchema } } };

/** Fills in what every operation of `/v1` shares: tag, roles, problem answers. Other paths stay out of the document. */
export const openapiTransform: typeof zodTransform = (input) => {
  const route = input.route as RouteOptions;
  if (!input.url.startsWith('/v1/')) return { schema: { hide: true } as FastifySchema, url: input.url };
  const { schema, url } = zodTransform({ ...input, schema: input.schema ?? {} });
  const roles = rolesOf(guardsOf(route)[0]);
  const meta = schema as Record<string, unknown> & { response?: Record<string, unknown>; description?: string };
  meta['tags'] ??= [url.split('/')[2]];
  meta['operationId'] ??= operationId(String(route.method), url);
  if (roles) meta.description = `${meta.description ?? ''} Roles: ${roles.join(', ')}.`.trim();
  else meta['security'] ??= [];
  const answers = meta.response ?? {};
  if (!Object.keys(answers).some((code) => code.startsWith('2')))
    answers['200'] = { description: 'Done', type: 'object' };
  meta.response = { ...answers, '4xx': problemAnswer, '5xx': problemAnswer };
  return { schema, url };
};

/** Gives a route's guards, wherever they were put. */
export function guardsOf(route: Pick<RouteOptions, 'onRequest' | 'preHandler'>): unknown[] {
  return [route.onRequest, route.preHandler].flat().filter((hook) => rolesOf(hook));
}

function operationId(method: string, url: string): string {
  const words = url
    .replace(/^\/v1\//, '')
    .replace(/[{}:]/g, '')
    .split(/[/\-.*]+/)
    .filter(Boolean);
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function withoutDialect(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema'));
}
