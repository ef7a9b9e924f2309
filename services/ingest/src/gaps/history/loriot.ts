import { z } from 'zod';
import { openConversation, type Conversation } from '../../outside/conversation.ts';
import type { NetworkFault } from '../../outside/http.ts';
import { trimmed } from '../../outside/opened-api.ts';
import { lacks, type HistoryQuery, type NetworkHistory } from './port.ts';

const PER_PAGE = 100;
const MOST_PAGES = 200;

const Answer = z.looseObject({
  cmd: z.literal('cq'),
  page: z.number().optional(),
  total: z.number().catch(0),
  cache: z.array(z.looseObject({ ts: z.number().optional().catch(undefined) })),
});

/**
 * LORIOT's cache queries: it keeps the last messages of an application in a ring, and gives them over the application's
 * WebSocket (`wss://{server}/app?token=…`), the newest first. What comes by itself meanwhile is kept as well.
 * @see docs.loriot.io, "Cache Queries": {cmd: "cq", filter: {from, to, EUI}, page, perPage} → {total, cache}
 */
export const loriotHistory: NetworkHistory = {
  hasApplication: () => true,
  lanes: 1,
  pauseMs: 0,
  async *ask(query, { timeoutMs }) {
    const { api, device } = query;
    if (!api.key) return lacks('api.key');
    if (device && device.externalIds?.devEui === undefined)
      return { retriable: false, detail: 'the device has no devEUI; add externalIds.devEui' };
    const url = `${trimmed(api.url).replace(/^http/, 'ws')}/app?token=${encodeURIComponent(api.key)}`;
    const opened = await openConversation(url, timeoutMs);
    if (!opened.ok) return opened;
    const newestFirst: unknown[] = [];
    const fault = await readPages(opened.conversation, query, newestFirst);
    opened.conversation.close();
    yield newestFirst.reverse();
    return fault;
  },
};

async function readPages(
  conversation: Conversation,
  { device, fromMs, toMs }: HistoryQuery,
  newestFirst: unknown[],
): Promise<NetworkFault | undefined> {
  const devEui = device?.externalIds?.devEui;
  const filter = { from: fromMs, to: toMs, ...(devEui !== undefined && { EUI: devEui.toUpperCase() }) };
  for (let page = 1; page <= MOST_PAGES; page++) {
    conversation.send({ cmd: 'cq', filter, page, perPage: PER_PAGE });
    const answer = await nextAnswer(conversation, newestFirst);
    if ('fault' in answer) return answer.fault;
    newestFirst.push(...answer.cache);
    const oldestMs = answer.cache.at(-1)?.ts;
    const isLast = answer.cache.length === 0 || page * PER_PAGE >= answer.total;
    if (isLast || (oldestMs !== undefined && oldestMs < fromMs)) return undefined;
  }
  return { retriable: true, detail: `stopped after ${MOST_PAGES} pages` };
}

/** The socket is that of live uplinks too: whatever is no answer came by itself. */
async function nextAnswer(
  conversation: Conversation,
  live: unknown[],
): Promise<{ cache: z.infer<typeof Answer>['cache']; total: number } | { fault: NetworkFault }> {
  for (;;) {
    const message = await conversation.next();
    if (!message.ok) return { fault: message };
    const answer = Answer.safeParse(message.body);
    if (answer.success) return answer.data;
    live.unshift(message.body);
  }
}
