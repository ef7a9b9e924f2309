import type { Principal } from '@ronde/contracts';
import { hashSecret, verifySecret } from './credentials.ts';
import type { Registry } from './port.ts';

export interface AuthenticatorOptions {
  registry: Pick<Registry, 'findToken'>;
  /** Bearer token with the admin role, for automation. */
  adminToken: string;
  /** Tenant of the admin token. */
  tenant: string;
  /** Monotonic milliseconds for the cache's age; host time unless a test gives its own. */
  nowMs?: () => number;
}

/** Finds who a bearer token belongs to; undefined = unknown or withdrawn. */
export interface Authenticator {
  (token: string): Promise<Principal | undefined>;
  /** Forgets what it knows; to be called on `registry.changed` of kind `token`, so that a withdrawal works at once. */
  invalidate(): void;
}

const CACHE_LIMIT = 10_000;
// The bus delivers at most once: a withdrawal made in another process holds after this long at the latest.
const CACHE_MS = 30_000;

/** Creates the check of bearer tokens; only tokens that were found are cached, so that guesses cost no memory. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { registry, adminToken, tenant, nowMs = () => performance.now() } = options;
  const admin: Principal = { tenant, role: 'admin', tokenId: 'admin' };
  const adminHash = hashSecret(adminToken);
  const cache = new Map<string, { principal: Principal; untilMs: number }>();
  let generation = 0;
  const find = async (hash: string): Promise<Principal | undefined> => {
    const before = generation;
    const found = await registry.findToken(hash);
    if (!found) return undefined;
    const { id, role, crewId } = found.token;
    const principal: Principal = { tenant: found.tenant, role, tokenId: id, ...(crewId !== undefined && { crewId }) };
    if (cache.size >= CACHE_LIMIT) cache.clear();
    // a look-up that was under way when a token changed may carry the old answer
    if (generation === before) cache.set(hash, { principal, untilMs: nowMs() + CACHE_MS });
    return principal;
  };
  const authenticate = async (token: string): Promise<Principal | undefined> => {
    if (token === '') return undefined;
    if (adminToken !== '' && verifySecret(token, adminHash)) return admin;
    const hash = hashSecret(token);
    const known = cache.get(hash);
    if (known && known.untilMs > nowMs()) return known.principal;
    return find(hash);
  };
  const invalidate = (): void => {
    generation += 1;
    cache.clear();
  };
  return Object.assign(authenticate, { invalidate });
}
