import { z } from 'zod';
import {
  Id,
  PublishInput,
  RondeError,
  SensorTypeDetail,
  SensorTypeFiles,
  TryInput,
  TryResult,
  TypeVersion,
  TypeVersionInput,
  TypeVersionSummary,
  VersionComparisonJob,
} from '@ronde/contracts';
import {
  allow,
  checkMatch,
  etagOf,
  sendTagged,
  type Clock,
  type HttpReply,
  type HttpRequest,
  type HttpServer,
} from '@ronde/kit';
import { tryFiles } from './try-files.ts';
import type { TypeVersions } from './type-versions.ts';
import type { VersionName } from './version-book.ts';

const observers = allow('viewer', 'operator', 'engineer', 'admin');
const engineers = allow('engineer', 'admin');
const tags = ['sensor types'];
const TypeParams = z.object({ id: Id });
const VersionParams = TypeParams.extend({ version: TypeVersion });
type VersionParams = z.infer<typeof VersionParams>;
// bodies that may be absent
const CompareInput = z.object({ frames: z.number().int().min(1).max(1_000).default(1_000) }).nullish();
const RollBackInput = z.object({ reason: z.string().min(1).max(400).optional() }).nullish();
/** A codec of 1 MiB and its examples, as JSON. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

export interface VersionRouteParts {
  versions: TypeVersions;
  clock: Clock;
  /** Versions are the installation's own; other tenants see none. */
  tenant: string;
}

/** Adds the routes about sensor types and their versions. */
export function addVersionRoutes(http: HttpServer, parts: VersionRouteParts): void {
  addDetail(http, parts);
  addTry(http, parts);
  addDrafts(http, parts);
  addComparison(http, parts);
  addSteps(http, parts);
}

function addDetail(http: HttpServer, { versions, tenant }: VersionRouteParts): void {
  http.get(
    '/v1/sensor-types/:id',
    {
      preHandler: observers,
      schema: {
        tags,
        summary: 'Read a sensor type with its settings and versions',
        params: TypeParams,
        response: { 200: SensorTypeDetail },
      },
    },
    async (request, reply) => {
      own(request, tenant);
      const detail = await versions.detail(request.params.id);
      return sendTagged(request, reply, { etag: etagOf(detail), body: detail }) as never;
    },
  );
}

function addTry(http: HttpServer, { versions, clock, tenant }: VersionRouteParts): void {
  http.post(
    '/v1/sensor-types/try',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Read frames with the files of a sensor type, in a sandbox; nothing is stored',
        body: TryInput,
        response: { 200: TryResult },
      },
    },
    async (request) => {
      own(request, tenant);
      return versions.trials.use((trial) => tryFiles(request.body, trial, clock.nowMs()));
    },
  );
}

function addDrafts(http: HttpServer, { versions, tenant }: VersionRouteParts): void {
  const { book, shown } = versions;
  http.post(
    '/v1/sensor-types/:id/versions',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Add a version of a sensor type as a draft, or a new type; its examples must come out',
        params: TypeParams,
        body: TypeVersionInput,
        response: { 201: TypeVersionSummary },
      },
    },
    async (request, reply) => {
      const { params, body, principal } = own(request, tenant);
      const draft = await book.create(body, { typeId: params.id, by: principal.tokenId });
      void reply
        .status(201)
        .header('location', `/v1/sensor-types/${params.id}/versions/${draft.version}`)
        .header('etag', writtenTag(shown(draft)));
      return shown(draft);
    },
  );
  http.get(
    '/v1/sensor-types/:id/versions/:version',
    {
      preHandler: observers,
      schema: { tags, summary: 'Read a version', params: VersionParams, response: { 200: TypeVersionSummary } },
    },
    async (request, reply) => {
      const { id, version } = own(request, tenant).params;
      const body = shown(await book.get(id, version));
      return sendTagged(request, reply, { etag: writtenTag(body), body }) as never;
    },
  );
  http.get(
    '/v1/sensor-types/:id/versions/:version/files',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Download the files of a version',
        params: VersionParams,
        response: { 200: SensorTypeFiles },
      },
    },
    async (request, reply) => {
      const { id, version } = own(request, tenant).params;
      const files = await book.files(id, version);
      return sendTagged(request, reply, { etag: etagOf(files), body: files }) as never;
    },
  );
  http.delete(
    '/v1/sensor-types/:id/versions/:version',
    {
      preHandler: engineers,
      schema: { tags, summary: 'Remove a draft', params: VersionParams, response: { 204: z.null() } },
    },
    async (request, reply) => {
      await book.remove(await named(versions, own(request, tenant)));
      return reply.status(204).send(null);
    },
  );
}

function addComparison(http: HttpServer, { versions, tenant }: VersionRouteParts): void {
  http.post(
    '/v1/sensor-types/:id/versions/:version/compare',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Compare a version with the active one on the newest real frames',
        params: VersionParams,
        body: CompareInput,
        response: { 202: VersionComparisonJob },
      },
    },
    async (request, reply) => {
      const { id, version } = own(request, tenant).params;
      const name = { typeId: id, version, by: request.principal.tokenId };
      const job = await versions.compare(name, request.body?.frames ?? 1_000);
      void reply.status(202).header('location', `/v1/sensor-types/${id}/versions/${version}/comparison`);
      return job;
    },
  );
  http.get(
    '/v1/sensor-types/:id/versions/:version/comparison',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'How the newest comparison of a version stands',
        params: VersionParams,
        response: { 200: VersionComparisonJob },
      },
    },
    async (request) => {
      const { id, version } = own(request, tenant).params;
      return versions.comparison(id, version);
    },
  );
}

function addSteps(http: HttpServer, { versions, tenant }: VersionRouteParts): void {
  const { book, shown } = versions;
  const response = { 200: TypeVersionSummary };
  const answer = (reply: HttpReply, body: TypeVersionSummary): TypeVersionSummary => {
    void reply.header('etag', writtenTag(body));
    return body;
  };
  http.post(
    '/v1/sensor-types/:id/versions/:version/publish',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Use a version for a share of the devices',
        params: VersionParams,
        body: PublishInput,
        response,
      },
    },
    async (request, reply) => {
      const name = await named(versions, own(request, tenant));
      return answer(reply, shown(await book.publish(name, request.body.canaryPercent)));
    },
  );
  http.post(
    '/v1/sensor-types/:id/versions/:version/promote',
    {
      preHandler: engineers,
      schema: { tags, summary: 'Use a version for all devices', params: VersionParams, response },
    },
    async (request, reply) => answer(reply, shown(await book.promote(await named(versions, own(request, tenant))))),
  );
  http.post(
    '/v1/sensor-types/:id/versions/:version/roll-back',
    {
      preHandler: engineers,
      schema: {
        tags,
        summary: 'Take a canary or active version back; what a canary did is made good',
        params: VersionParams,
        body: RollBackInput,
        response,
      },
    },
    async (request, reply) => {
      const name = await named(versions, own(request, tenant));
      const reason = request.body?.reason;
      const why = { cause: 'by-hand' as const, ...(reason !== undefined && { reason }) };
      return answer(reply, shown(await book.rollBack(name, why)));
    },
  );
}

/** Answers 404 to other tenants, as for anything that is not theirs. */
function own<R extends { principal: HttpRequest['principal'] }>(request: R, tenant: string): R {
  if (request.principal.tenant !== tenant) throw new RondeError('RESOURCE_UNKNOWN', 'no such sensor type');
  return request;
}

/** Names the version of a request, once its If-Match is seen to fit. */
async function named(
  { book, shown }: TypeVersions,
  request: { params: VersionParams; principal: HttpRequest['principal'] } & Pick<HttpRequest, 'headers'>,
): Promise<VersionName> {
  const { id, version } = request.params;
  checkMatch(request as HttpRequest, written(shown(await book.get(id, version))));
  return { typeId: id, version, by: request.principal.tokenId };
}

/** What people write of a version, apart from what it counts. */
function written({ status, canaryPercent, createdAt, note }: TypeVersionSummary): object {
  return { status, canaryPercent, createdAt, note };
}

function writtenTag(summary: TypeVersionSummary): string {
  return etagOf(written(summary), summary.tally);
}
