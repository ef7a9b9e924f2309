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
  bus: Pick<Bus, 'on' | 'onGap'>;
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

const Event = z.string().regex(/^[a-z-]{1,30}$/);

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
    // The Things Stack may add a path of its own per kind of message to the address it was given
    for (const path of ['/v1/uplinks/:source', '/v1/uplinks/:source/:event']) {
      scope.post(
        path,
        {
          bodyLimit: BODY_LIMIT_BYTES,
          schema: {
            tags: ['uplinks'],
            hide: path.endsWith(':event'),
            summary: 'Hand in an uplink as a network server sends it',
            description:
              'JSON, or the binary form of the network. A Sigfox callback that asks for a downlink gets it, or 204.',
            params: z.object({ source: z.string(), event: Event.optional() }),
            querystring: z.object({ event: Event.optional() }),
            response: { 200: z.union([z.object({ accepted: z.number().int() }), SigfoxAnswer]), 204: z.null() },
          },
          onRequest: async (request) => {
            const { source } = request.params as { source: string };
            known.set(request, await callers.find(request.headers.authorization, source));
          },
        },
        async (request, reply) => {
          const { tenant, integration } = known.get(request)!;
          const { source } = integration;
          const payload = request.body instanceof Uint8Array ? request.body : new Uint8Array();
          const { event = (request.params as { event?: string }).event } = request.query as { event?: string };
          refuseAtTheDoor(source, payload);
          await take(parts, { tenant, integration }, { payload, event });
          const answer = await parts.answer?.(tenant, source, payload);
          if (answer) return answer;
          return source === 'sigfox' && asksForDownlink(payload) ? reply.status(204).send(null) : { accepted: 1 };
        },
      );
    }
  });
  return callers.close;
}

/** What could name a person is refused before anything is stored. @throws RondeError INPUT_INVALID with every field */
function refuseAtTheDoor(source: Source, payload: Uint8Array): void {
  if (!isCityInput(source)) return;
  const faults = doorFaults(source, payload);
  if (faults.length > 0)
    throw new RondeError('INPUT_INVALID', `nothing was stored: ${faults.length} field(s) are not taken`, {
      details: { faults },
    });
}

/** Keeps a body; when this resolves, it would survive a power cut. */
async function take(
  { inbox, clock, maxWaiting }: WebhookParts,
  { tenant, integration }: Caller,
  { payload, event }: { payload: Uint8Array; event: string | undefined },
): Promise<void> {
  const { waiting, fault } = inbox.stats();
  if (fault === undefined && waiting > maxWaiting)
    throw new RondeError('RATE_EXCEEDED', `${waiting} frames wait for the disk`);
  await inbox.append({
    tenant,
    source: integration.source,
    // ChirpStack names the event beside the body: kept where its MQTT topics have it
    topic: `webhook/${integration.source}${event === undefined ? '' : `/event/${event}`}`,
    receivedAtMs: clock.nowMs(),
    origin: { kind: 'integration', id: integration.id },
    payload,
  });
}

/** A Sigfox callback with `ack` expects a downlink as content; 204 says that there is none (support.sigfox.com). */
function asksForDownlink(payload: Uint8Array): boolean {
  return /"ack"\s*:\s*"?true/.test(Buffer.from(payload).toString('latin1'));
}

function openCallers({ registry, bus, tenant }: WebhookParts) {
  let ofTenant: Promise<IntegrationRecord[]> | undefined;
  const stop = bus.on('registry.changed', ({ kind }) => {
    if (kind === 'integration') ofTenant = undefined;
  });
  const endGap = bus.onGap(() => void (ofTenant = undefined));
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
    close() {
      stop();
      endGap();
    },
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
