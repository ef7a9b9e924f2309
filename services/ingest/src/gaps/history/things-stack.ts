import { trimmed } from '../../outside/opened-api.ts';
import { lacks, type HistoryQuery, type NetworkHistory } from './port.ts';

const LIMIT = 500;
/** An uplink heard by many gateways takes some kilobytes. */
const MAX_BYTES = 8 * 1024 * 1024;
const MOST_PAGES = 400;

/**
 * The Things Stack's Storage Integration, which keeps uplinks for some days where it is switched on: it publishes by MQTT at
 * QoS 0 and tries a webhook once, so what came while nobody listened lies only there.
 * @see thethingsindustries.com/docs/integrations/storage/retrieve: one JSON object a line, each with `result`
 */
export const thingsStackHistory: NetworkHistory = {
  hasApplication: () => true,
  lanes: 1,
  pauseMs: 0,
  async *ask(query, http) {
    const { api } = query;
    if (!api.key || !api.applicationId) return lacks('api.applicationId and api.key');
    const headers = { authorization: `Bearer ${api.key}`, accept: 'text/event-stream' };
    let fromMs = query.fromMs;
    for (let page = 0; page < MOST_PAGES; page++) {
      const url = urlOf({ ...query, fromMs }, api.applicationId);
      const answer = await http.call({ method: 'GET', url, headers, maxBytes: MAX_BYTES });
      if (!answer.ok) return answer;
      const read = linesOf(answer.body).map(resultOf);
      const messages = read.filter((message) => message !== undefined);
      yield messages;
      if (messages.length < read.length) return { retriable: true, detail: 'the answer broke off within a message' };
      const lastMs = receivedAtOf(messages.at(-1));
      // `after` leaves out its own moment: others may have come within the same millisecond
      const nextMs = (lastMs ?? 0) - 1;
      if (messages.length < LIMIT || nextMs <= fromMs) return undefined;
      fromMs = nextMs;
    }
    return { retriable: true, detail: `stopped after ${MOST_PAGES} pages` };
  },
};

function urlOf({ api, device, fromMs, toMs }: HistoryQuery, applicationId: string): string {
  const devEui = device?.externalIds?.devEui;
  const name = device && (device.externalIds?.networkId ?? (devEui === undefined ? device.id : `eui-${devEui}`));
  const ofDevice = name === undefined ? '' : `/devices/${encodeURIComponent(name)}`;
  // the storage knows an application without its tenant
  const application = encodeURIComponent(applicationId.replace(/@.*$/, ''));
  const url = new URL(
    `${trimmed(api.url)}/api/v3/as/applications/${application}${ofDevice}/packages/storage/uplink_message`,
  );
  url.searchParams.set('after', new Date(fromMs).toISOString());
  url.searchParams.set('before', new Date(toMs).toISOString());
  url.searchParams.set('order', 'received_at');
  url.searchParams.set('limit', String(LIMIT));
  return url.href;
}

/** A body of one line is parsed already; of several it comes as text. */
function linesOf(body: unknown): unknown[] {
  if (typeof body !== 'string') return [body];
  const lines = body.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    try {
      return JSON.parse(line) as unknown;
    } catch {
      return undefined;
    }
  });
}

function resultOf(line: unknown): unknown {
  return typeof line === 'object' && line !== null && 'result' in line ? line.result : undefined;
}

function receivedAtOf(message: unknown): number | undefined {
  const at = (message as { received_at?: unknown } | undefined)?.received_at;
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  return Number.isFinite(atMs) ? atMs : undefined;
}
