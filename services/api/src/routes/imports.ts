import { z } from 'zod';
import { Import, ImportRow, ImportUndone, PageQuery, RondeError, pageOf, type Role } from '@ronde/contracts';
import { allow, type HttpServer } from '@ronde/kit';
import { ENGINEERS, OPERATORS, STAFF } from '../access.ts';
import type { ApiDeps } from '../deps.ts';
import { found, pageQuery } from '../faults.ts';
import type { Importer } from '../imports/importer.ts';
import { IdParams } from './documents.ts';

const BODY_LIMIT_BYTES = 20 * 1024 * 1024;
const FILES = ['text/csv', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'];
const DryRun = z.object({
  dryRun: z.enum(['true', 'false']).default('false').describe('true tells what would happen, and changes nothing'),
});
const RowQuery = PageQuery.extend({ outcome: ImportRow.shape.outcome.optional() });

interface Upload {
  path: string;
  /** Who may write such things one by one. */
  roles: Role[];
}
const UPLOADS: Record<Import['kind'], Upload> = {
  devices: { path: 'device-imports', roles: ENGINEERS },
  assets: { path: 'asset-imports', roles: OPERATORS },
  readings: { path: 'reading-imports', roles: ENGINEERS },
};

/** Adds imports: a CSV or XLSX file as the body, then progress, rows and undo under the import's id. */
export async function addImports(deps: ApiDeps, importer: Importer): Promise<void> {
  const { http } = deps;
  await http.register(async (scope) => {
    // a file comes as it is, under whatever type a browser or script gives it
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const [kind, upload] of Object.entries(UPLOADS) as [Import['kind'], Upload][])
      addUpload(scope as unknown as HttpServer, importer, { kind, ...upload });
  });
  addReads(deps, importer);
  addUndo(deps, importer);
}

function addUpload(
  http: HttpServer,
  importer: Importer,
  { path, kind, roles }: Upload & { kind: Import['kind'] },
): void {
  http.post(`/v1/${path}`, {
    bodyLimit: BODY_LIMIT_BYTES,
    preHandler: allow(...roles),
    schema: {
      tags: ['imports'],
      summary: `Import ${kind} from a CSV or XLSX file; the headings are the API's field names`,
      consumes: FILES,
      body: z.unknown().describe('The file, as it is'),
      querystring: DryRun,
      response: { 202: Import },
    },
    handler: async (request, reply) => {
      const body: unknown = request.body;
      if (!(body instanceof Uint8Array))
        throw new RondeError('INPUT_INVALID', 'the body is empty; send a CSV or XLSX file');
      const { dryRun } = request.query;
      const started = await importer.begin(request.principal.tenant, { kind, bytes: body, dryRun: dryRun === 'true' });
      void reply.status(202).header('location', `/v1/imports/${started.id}`);
      return started;
    },
  });
}

function addReads({ http, registry }: ApiDeps, importer: Importer): void {
  http.get('/v1/imports', {
    preHandler: allow(...STAFF),
    schema: { summary: 'List imports, newest first', querystring: PageQuery, response: { 200: pageOf(Import) } },
    handler: ({ principal, query }) =>
      registry.imports.list(principal.tenant, { ...pageQuery(query), descending: true }),
  });
  http.get('/v1/imports/:id', {
    preHandler: allow(...STAFF),
    schema: { summary: 'How far an import is', params: IdParams, response: { 200: Import } },
    handler: async ({ principal, params: { id } }) =>
      found(await registry.imports.get(principal.tenant, id), 'import', id),
  });
  http.get('/v1/imports/:id/rows', {
    preHandler: allow(...ENGINEERS, 'operator'),
    schema: {
      summary: 'What became of each row, in their order; secrets of new devices are shown this once',
      params: IdParams,
      querystring: RowQuery,
      response: { 200: pageOf(ImportRow) },
    },
    handler: ({ principal, params: { id }, query }) =>
      importer.rows(principal.tenant, id, { ...query, secrets: ENGINEERS.includes(principal.role) }),
  });
}

function addUndo({ http, registry }: ApiDeps, importer: Importer): void {
  http.delete('/v1/imports/:id', {
    preHandler: allow(...ENGINEERS, 'operator'),
    schema: {
      summary: 'Take an import back: what it made goes, what it changed is restored, unless changed since',
      params: IdParams,
      response: { 200: ImportUndone },
    },
    handler: async ({ principal, params: { id } }) => {
      const { kind } = found(await registry.imports.get(principal.tenant, id), 'import', id);
      const roles = UPLOADS[kind].roles;
      if (!roles.includes(principal.role))
        throw new RondeError('ROLE_INSUFFICIENT', `an import of ${kind} is taken back by: ${roles.join(', ')}`);
      return importer.undo(principal.tenant, id);
    },
  });
}
