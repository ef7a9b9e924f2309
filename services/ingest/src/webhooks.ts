import { z } from 'zod';
import { RondeError, doorFaults, isCityInput, type IntegrationRecord, type Source } from '@ronde/contracts';
import type { Bus } from '@ronde/bus';
import type { Inbox } from '@ronde/inbox';
import type { Clock, HttpRequest, HttpServer } from '@ronde/kit';
import { verifySecret, type Registry } from '@ronde/registry';
import { SigfoxAnswer } from './downlinks/sigfox-answer.ts';

const BODY_LIMIT_BYTES = 64 * 1024;

export interface WebhookParts {
  inbox: Pick<Inbox, 'append' | 'stats'>;
  registry: Pick<Registry, 'integrations' | 'findIntegration'>;
  bus: Pick<Bus, 'on'>;
  clock: Clock;
  tenant: string;
  maxWaiting: number;
  /** Gives what a network wants back for a body that is stored, instead of the usual answer: Sigfox its downlink. */
  answer?: (tenant: string, source: Source, body: Uint8Array) => Promise<SigfoxAnswer | undefined>;
}
interface Caller {
  tenant: string;
  integration: IntegrationRecord;
}

/**
 * Adds `POST /v1/uplinks/:source`: a network server's body goes into the inbox as it came and is answered after the
 * durable append. Whether it makes sense shows later, as readings or a dead letter: a network server that is answered
 * with an error would send the same body again for ever.
 */
export async function addWebhooks(http: HttpServer, parts: WebhookParts): Promise<() => void> {
  const callers = openCallers(parts);
  const known = new WeakMap<HttpRequest, Caller>();
  await http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post(
      '/v1/uplinks/:source',
      {
        bodyLimit: BODY_LIMIT_BYTES,
        schema: {
          tags: ['uplinks'],
          summary: 'Hand in an uplink as a network server sends it',
          params: z.object({ source: z.string() }),
          querystring: z.object({
            event: z
              .string()
              .regex(/^[a-z]{1,20}$/)
              .optional(),
          }),
          response: { 200: z.union([z.object({ accepted: z.number().int() }), SigfoxAnswer]) },
        },
        onRequest: async (request) => {
          known.set(
            request,
            await callers.find(request.headers.authorization, (request.params as { source: string }).source),
          );
        },
      },
      async (request) => {
        const { waiting, fault } = parts.inbox.stats();
        if (fault === undefined && waiting > parts.maxWaiting)
          throw new RondeError('RATE_EXCEEDED', `${waiting} frames wait for the disk`);
        const { tenant, integration } = known.get(request)!;
        const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
        refuseAtTheDoor(integration.source, body);
        const { event } = request.query as { event?: string };
        await parts.inbox.append({
          tenant,
          source: integration.source,
          // ChirpStack names the event beside the body: kept where its MQTT topics have it
          topic: `webhook/${integration.source}${event === undefined ? '' : `/event/${event}`}`,
          receivedAtMs: parts.clock.nowMs(),
          origin: { kind: 'integration', id: integration.id },
          payload: body,
        });
        return (await parts.answer?.(tenant, integration.source, body)) ?? { accepted: 1 };
      },
    );
  });
  return callers.close;
}

/** What could name a person is refused before anything is stored. @throws RondeError INPUT_INVALID with every field */
function refuseAtTheDoor(source: Source, body: Uint8Array): void {
  if (!isCityInput(source)) return;
  const faults = doorFaults(source, body);
  if (faults.length > 0)
    throw new RondeError('INPUT_INVALID', `nothing was stored: ${faults.length} field(s) are not taken`, {
      details: { faults },
    });
}

function openCallers({ registry, bus, tenant }: WebhookParts) {
  let ofTenant: Promise<IntegrationRecord[]> | undefined;
  const stop = bus.on('registry.changed', ({ kind }) => {
    if (kind === 'integration') ofTenant = undefined;
  });
  const byBearer = async (secret: string): Promise<Caller | undefined> => {
    const asked = (ofTenant ??= registry.integrations.all(tenant));
    const integrations = await asked.catch((thrown: unknown) => {
      if (ofTenant === asked) ofTenant = undefined;
      throw thrown;
    });
    const integration = integrations.find(({ secretHash }) => verifySecret(secret, secretHash));
    return integration && { tenant, integration };
  };
  const byBasic = async (id: string, secret: string): Promise<Caller | undefined> => {
    const found = await registry.findIntegration(id);
    return found && verifySecret(secret, found.integration.secretHash) ? found : undefined;
  };
  return {
    close: stop,
    async find(authorization: string | undefined, source: string): Promise<Caller> {
      const [scheme = '', value = ''] = (authorization ?? '').trim().split(/ +/);
      if (value === '')
        throw new RondeError(
          'TOKEN_MISSING',
          'this call needs the secret of an integration, as Bearer secret or Basic id:secret',
        );
      const caller = /^basic$/i.test(scheme)
        ? await byBasic(...splitBasic(value))
        : /^bearer$/i.test(scheme)
          ? await byBearer(value)
          : undefined;
      if (!caller) throw new RondeError('TOKEN_UNKNOWN', 'no integration has this secret');
      const own: Source = caller.integration.source;
      if (own !== source) throw new RondeError('TOKEN_UNKNOWN', `this secret is for /v1/uplinks/${own}`);
      return caller;
    },
  };
}

// RFC 7617: the user-id has no colon, the password may
function splitBasic(value: string): [string, string] {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
