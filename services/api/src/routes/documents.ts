import { z } from 'zod';
import { Id, PageQuery, RondeError, pageOf, type Fault, type RegistryKind, type Role } from '@ronde/contracts';
import { allow, checkMatch, etagOf, sendTagged, refuse } from '@ronde/kit';
import type { Collection, Where } from '@ronde/registry';
import type { ApiDeps } from '../deps.ts';
import { faultOf, found, mapPage, pageQuery } from '../faults.ts';
import { announce } from './context.ts';

export const IdParams = z.object({ id: Id });

/** How one kind of document is offered: `W` is written and kept, `R` is shown. */
export interface DocumentRoutes<W extends { id: string }, R> {
  path: string;
  noun: string;
  kind: RegistryKind;
  collection: Collection<W>;
  input: z.ZodObject;
  output: z.ZodType;
  /** Query of the list besides limit and cursor. */
  filters?: z.ZodObject;
  read: Role[];
  write: Role[];
  /** Faults that a schema cannot see, such as references to nothing. */
  check?: (tenant: string, document: W) => Promise<(Fault | undefined)[]>;
  /** Live part of a document, shown and tagged apart from what was written. */
  live?: (tenant: string, document: W) => object;
  /** Makes the live part ready. */
  prepare?: (tenant: string) => Promise<void>;
  /** Replaces the plain list. */
  list?: (tenant: string, query: PageQuery & Record<string, unknown>) => Promise<{ items: R[]; next?: string }>;
}

/** Adds GET (list, one), POST, PUT and DELETE of one kind of document. */
export function addDocuments<W extends { id: string }, R = W>(deps: ApiDeps, routes: DocumentRoutes<W, R>): void {
  addReads(deps, routes);
  addCreate(deps, routes);
  addReplace(deps, routes);
  addDelete(deps, routes);
}

function addReads<W extends { id: string }, R>(deps: ApiDeps, routes: DocumentRoutes<W, R>): void {
  const { path, noun, collection, output, read } = routes;
  const querystring = routes.filters ? PageQuery.extend(routes.filters.shape) : PageQuery;
  deps.http.get(`/v1/${path}`, {
    preHandler: allow(...read),
    schema: { summary: `List ${path}`, querystring, response: { 200: pageOf(output) } },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const query = request.query as PageQuery & Record<string, unknown>;
      await routes.prepare?.(tenant);
      const page = routes.list
        ? await routes.list(tenant, query)
        : mapPage(await collection.list(tenant, { ...pageQuery(query), where: whereOf(query) }), (item) =>
            shown(routes, tenant, item),
          );
      return sendTagged(request, reply, { etag: etagOf(page), body: page }) as never;
    },
  });
  deps.http.get(`/v1/${path}/:id`, {
    preHandler: allow(...read),
    schema: { summary: `Read one of ${path}`, params: IdParams, response: { 200: output } },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const document = found(await collection.get(tenant, request.params.id), noun, request.params.id);
      await routes.prepare?.(tenant);
      const live = routes.live?.(tenant, document);
      return sendTagged(request, reply, { etag: etagOf(document, live), body: { ...document, ...live } }) as never;
    },
  });
}

function addCreate<W extends { id: string }, R>(deps: ApiDeps, routes: DocumentRoutes<W, R>): void {
  const { path, noun, kind, collection, input, output, write } = routes;
  deps.http.post(`/v1/${path}`, {
    preHandler: allow(...write),
    schema: { summary: `Add one to ${path}`, body: input, response: { 201: output } },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const document = request.body as unknown as W;
      refuse((await routes.check?.(tenant, document)) ?? []);
      if (!(await collection.insert(tenant, document)))
        throw new RondeError('RESOURCE_EXISTS', `there is a ${noun} "${document.id}" already`);
      await announce(deps, tenant, { kind, id: document.id });
      void reply.status(201).header('location', `/v1/${path}/${document.id}`).header('etag', etagOf(document));
      return shown(routes, tenant, document) as never;
    },
  });
}

function addReplace<W extends { id: string }, R>(deps: ApiDeps, routes: DocumentRoutes<W, R>): void {
  const { path, noun, kind, collection, input, output, write } = routes;
  deps.http.put(`/v1/${path}/:id`, {
    preHandler: allow(...write),
    schema: {
      summary: `Replace one of ${path}`,
      params: IdParams,
      body: input.extend({ id: Id.optional() }),
      response: { 200: output },
    },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      checkMatch(request, found(await collection.get(tenant, id), noun, id));
      const body = request.body as { id?: string };
      const document = { ...body, id } as unknown as W;
      refuse([sameId(body.id, id), ...((await routes.check?.(tenant, document)) ?? [])]);
      await collection.put(tenant, document);
      await announce(deps, tenant, { kind, id });
      void reply.header('etag', etagOf(document));
      return shown(routes, tenant, document) as never;
    },
  });
}

function addDelete<W extends { id: string }, R>(deps: ApiDeps, routes: DocumentRoutes<W, R>): void {
  const { path, noun, kind, collection, write } = routes;
  deps.http.delete(`/v1/${path}/:id`, {
    preHandler: allow(...write),
    schema: { summary: `Remove one of ${path}`, params: IdParams, response: { 204: z.null() } },
    handler: async (request, reply) => {
      const { tenant } = request.principal;
      const { id } = request.params;
      checkMatch(request, found(await collection.get(tenant, id), noun, id));
      await collection.delete(tenant, id);
      await announce(deps, tenant, { kind, id, deleted: true });
      return reply.status(204).send(null);
    },
  });
}

/** Says that a body's id may not differ from the path's. */
export function sameId(inBody: string | undefined, inPath: string): Fault | undefined {
  return inBody === undefined || inBody === inPath
    ? undefined
    : faultOf('id', `must be "${inPath}" as in the path, or absent`);
}

/** Gives the filters of a list query as the registry takes them. */
export function whereOf(query: Record<string, unknown>): Where {
  return Object.fromEntries(
    Object.entries(query).filter(([name, value]) => name !== 'limit' && name !== 'cursor' && value !== undefined),
  ) as Where;
}

function shown<W extends { id: string }, R>(routes: DocumentRoutes<W, R>, tenant: string, document: W): R {
  return { ...document, ...routes.live?.(tenant, document) } as unknown as R;
}
