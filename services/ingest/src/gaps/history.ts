import type { DeviceRecord, NetworkApi, Source } from '@ronde/contracts';
import type { NetworkHttp } from '../outside/http.ts';
import { trimmed } from '../outside/opened-api.ts';

/** What is asked of a network's storage: the uplinks of one device, or of a whole application, in a span of receipt. */
export interface HistoryQuery {
  api: NetworkApi;
  /** Absent: all devices of the application. */
  device?: DeviceRecord | undefined;
  fromMs: number;
  toMs: number;
}

/** Messages as the network would have sent them, oldest first; or why there are none. */
export type History =
  { ok: true; messages: unknown[]; isCut: boolean } | { ok: false; retriable: boolean; detail: string };

export type AskHistory = (query: HistoryQuery, http: NetworkHttp) => Promise<History>;

const LIMIT = 1_000;

/**
 * Asks The Things Stack's Storage Integration, which keeps uplinks for some days where it is switched on: it publishes
 * by MQTT at QoS 0 and tries a webhook once, so what came while nobody listened lies only there.
 * @see The Things Stack, "Storage Integration": one JSON object a line, each with `result`
 */
const askThingsStack: AskHistory = async ({ api, device, fromMs, toMs }, http) => {
  if (!api.key || !api.applicationId)
    return { ok: false, retriable: false, detail: 'the integration has no api.applicationId or api.key' };
  const devEui = device?.externalIds?.devEui;
  const name = device && (device.externalIds?.networkId ?? (devEui === undefined ? device.id : `eui-${devEui}`));
  const ofDevice = name === undefined ? '' : `/devices/${encodeURIComponent(name)}`;
  // the storage knows an application without its tenant
  const application = encodeURIComponent(api.applicationId.replace(/@.*$/, ''));
  const url = new URL(
    `${trimmed(api.url)}/api/v3/as/applications/${application}${ofDevice}/packages/storage/uplink_message`,
  );
  url.searchParams.set('after', new Date(fromMs).toISOString());
  url.searchParams.set('before', new Date(toMs).toISOString());
  url.searchParams.set('order', 'received_at');
  url.searchParams.set('limit', String(LIMIT));
  const answer = await http.call({ method: 'GET', url: url.href, headers: { authorization: `Bearer ${api.key}` } });
  if (!answer.ok) return answer;
  const messages = linesOf(answer.body).flatMap((line) => resultOf(line) ?? []);
  return { ok: true, messages, isCut: messages.length >= LIMIT };
};

/** Networks that can be asked for what never arrived; the others keep nothing that can be fetched. */
export const HISTORY: Partial<Record<Source, AskHistory>> = { 'things-stack': askThingsStack };

/** A body of one line is parsed already; of several it comes as text. */
function linesOf(body: unknown): unknown[] {
  if (typeof body !== 'string') return [body];
  return body.split('\n').flatMap((line) => {
    try {
      return line.trim() === '' ? [] : [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}

function resultOf(line: unknown): unknown {
  return typeof line === 'object' && line !== null && 'result' in line ? line.result : undefined;
}
