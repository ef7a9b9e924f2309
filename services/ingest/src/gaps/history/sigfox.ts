import { z } from 'zod';
import type { NetworkFault } from '../../outside/http.ts';
import { trimmed } from '../../outside/opened-api.ts';
import { lacks, type HistoryQuery, type NetworkHistory } from './port.ts';

/** The most that one page may have. */
const LIMIT = 100;
const MOST_PAGES = 200;
const MAX_BYTES = 4 * 1024 * 1024;
/** support.sigfox.com/docs/api-rate-limiting: one question a second; further pages of it are free. */
const PAUSE_MS = 1_100;

const Reception = z.looseObject({
  baseStation: z.looseObject({ id: z.string() }).optional(),
  rssi: z.unknown(),
  snr: z.unknown(),
});
const Message = z.looseObject({
  device: z.looseObject({ id: z.string() }),
  time: z.number(),
  data: z.string().optional(),
  seqNumber: z.number().optional(),
  rinfos: z.array(Reception).optional().catch(undefined),
});
const Page = z.looseObject({
  data: z.array(z.unknown()),
  paging: z.looseObject({ next: z.string().optional() }).optional(),
});

/**
 * The messages that the Sigfox backend keeps for three days, of one device or of a whole device type (`api.applicationId`).
 * They come the newest first, a hundred a page; each page names the next by its address.
 * @see support.sigfox.com/apidocs: getDeviceMessagesListForDevice, getDeviceMessagesListForDeviceType
 */
export const sigfoxHistory: NetworkHistory = {
  hasApplication: ({ applicationId }) => applicationId !== undefined,
  lanes: 1,
  pauseMs: PAUSE_MS,
  async *ask(query, http) {
    const { user, key } = query.api;
    if (!user || !key) return lacks('api.user and api.key');
    const headers = { authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}` };
    const first = urlOf(query);
    if (typeof first !== 'string') return first;
    const newestFirst: unknown[] = [];
    let fault: NetworkFault | undefined;
    let url: string | undefined = first;
    for (let page = 0; url !== undefined && !fault; page++) {
      const answer = await http.call({ method: 'GET', url, headers, maxBytes: MAX_BYTES });
      if (!answer.ok) fault = answer;
      else {
        const read = Page.safeParse(answer.body);
        if (!read.success) fault = { retriable: false, detail: 'the answer is no list of messages' };
        else newestFirst.push(...read.data.data.flatMap(toCallback));
        url = read.data?.paging?.next;
      }
      if (url !== undefined && new URL(url, first).origin !== new URL(first).origin)
        fault = { retriable: false, detail: 'the next page lies on another host' };
      if (url !== undefined && page >= MOST_PAGES) fault = { retriable: true, detail: `stopped after ${page} pages` };
    }
    yield newestFirst.reverse();
    return fault;
  },
};

function urlOf({ api, device, fromMs, toMs }: HistoryQuery): string | NetworkFault {
  const ofDevice = device && `/devices/${encodeURIComponent(device.externalIds?.networkId ?? device.id)}`;
  if (ofDevice === undefined && api.applicationId === undefined) return lacks('api.applicationId (the device type)');
  const url = new URL(
    `${trimmed(api.url)}${ofDevice ?? `/device-types/${encodeURIComponent(api.applicationId!)}`}/messages`,
  );
  url.searchParams.set('since', String(fromMs));
  url.searchParams.set('before', String(toMs));
  url.searchParams.set('limit', String(LIMIT));
  return url.href;
}

/** Turns a kept message into the callback it was sent by, whose members have the names of Sigfox's own variables. */
function toCallback(message: unknown): unknown[] {
  const read = Message.safeParse(message);
  if (!read.success) return [];
  const { device, time, data = '', seqNumber, rinfos = [] } = read.data;
  const duplicates = rinfos.map(({ baseStation, rssi, snr }) => ({ bsId: baseStation?.id, rssi, snr }));
  return [{ device: device.id, time, data, ...(seqNumber !== undefined && { seqNumber }), duplicates }];
}
