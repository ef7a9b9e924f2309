import { z } from 'zod';
import type { NetworkApi } from '@ronde/contracts';
import type { NetworkFault, NetworkHttp } from './http.ts';

/** Exchanges what an integration has for access tokens, where its network wants that, and keeps them while they last. */
export interface AccessTokens {
  /** Gives the api with an access token for its key; unchanged where no `tokenUrl` is named. */
  exchange(api: NetworkApi): Promise<{ ok: true; api: NetworkApi } | ({ ok: false } & NetworkFault)>;
}

const Answer = z.looseObject({ access_token: z.string().min(1), expires_in: z.coerce.number().optional() });
/** What RFC 6749 leaves open when `expires_in` is absent. */
const USUAL_LIFE_S = 600;
/** A token is no longer used so shortly before its end. */
const MARGIN_S = 60;
const MOST_TOKENS = 100;

/** Creates the keeper of tokens; their lives are counted in host time, as the networks do. */
export function createAccessTokens(http: NetworkHttp, nowMs: () => number = () => performance.now()): AccessTokens {
  const kept = new Map<string, { token: string; untilMs: number }>();
  return {
    async exchange(api) {
      const { tokenUrl, tokenAudience, user, key } = api;
      if (tokenUrl === undefined) return { ok: true, api };
      if (!user || !key) return { ok: false, retriable: false, detail: 'the integration has no api.user and api.key' };
      const id = JSON.stringify([tokenUrl, tokenAudience, user, key]);
      const known = kept.get(id);
      if (known && known.untilMs > nowMs()) return { ok: true, api: { ...api, key: known.token } };
      const audience = tokenAudience === undefined ? undefined : { audience: tokenAudience };
      const grant = { grant_type: 'client_credentials', client_id: user, client_secret: key, ...audience };
      let answer = await http.call({ method: 'POST', url: tokenUrl, form: grant });
      // RFC 6749 has a form; some want JSON
      if (!answer.ok && (answer.status === 400 || answer.status === 415))
        answer = await http.call({ method: 'POST', url: tokenUrl, body: grant });
      if (!answer.ok) return { ...answer, detail: `no access token: ${answer.detail}` };
      const read = Answer.safeParse(answer.body);
      if (!read.success) return { ok: false, retriable: false, detail: 'no access token: the answer has none' };
      const { access_token: token, expires_in: lifeS = USUAL_LIFE_S } = read.data;
      if (kept.size >= MOST_TOKENS) kept.clear();
      kept.set(id, { token, untilMs: nowMs() + Math.max(0, lifeS - MARGIN_S) * 1000 });
      return { ok: true, api: { ...api, key: token } };
    },
  };
}
