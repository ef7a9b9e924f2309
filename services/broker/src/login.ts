import { INTEGRATION_PREFIX } from '@ronde/contracts';
import { verifySecret, type Registry } from '@ronde/registry';
import { deviceSession, mayLeave, type Session, type Will } from './access.ts';

/** CONNACK return codes, MQTT 3.1.1 table 3.1. */
export const CONNACK = { identifier: 2, unavailable: 3, notAuthorised: 5 } as const;

export interface Attempt {
  clientId: string;
  username: string | undefined;
  password: Uint8Array | undefined;
  clean: boolean;
  will: Will | undefined;
  /** Names in the client certificate, when it showed one that is believed. */
  certified?: string[] | undefined;
}
export type LoginResult = { ok: true; session: Session } | { ok: false; returnCode: 2 | 3 | 5; reason: string };

export interface LoginOptions {
  registry: Pick<Registry, 'findDevice' | 'findIntegration'>;
  timeoutMs: number;
}
export interface Login {
  attempt(attempt: Attempt): Promise<LoginResult>;
  /** Forgets what it remembers of a credential that has changed. */
  forget(kind: Session['kind'], id: string): void;
  /** Asks the registry for a credential's hash; undefined when there is none. */
  presentHash(kind: Session['kind'], id: string): Promise<string | undefined>;
}

const REMEMBERED = 10_000;
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
// an unknown name costs the same comparison as a known one
const NO_HASH = '0'.repeat(64);

/** Makes the check of credentials; those that worked before keep working while the registry is away. */
export function createLogin({ registry, timeoutMs }: LoginOptions): Login {
  const remembered = new Map<string, Session>();
  let changes = 0;
  const find = async (kind: Session['kind'], id: string): Promise<Session | undefined> => {
    if (kind === 'device') {
      const found = await registry.findDevice({ id });
      return found && deviceSession(found.tenant, found.device.id, found.device.secretHash);
    }
    const found = await registry.findIntegration(id);
    return (
      found && {
        kind,
        id,
        tenant: found.tenant,
        source: found.integration.source,
        secretHash: found.integration.secretHash,
      }
    );
  };
  const findOrRemember = async (kind: Session['kind'], id: string): Promise<Session | undefined> => {
    try {
      return await inTime(find(kind, id), timeoutMs);
    } catch (thrown) {
      const known = remembered.get(`${kind}:${id}`);
      if (known) return known;
      throw thrown;
    }
  };
  return {
    async attempt({ clientId, username: givenName, password, clean, will, certified }) {
      if (!clean) return refuse(CONNACK.identifier, 'clean=false: sessions are not kept');
      // a certificate names a device and stands for its secret; a secret that is given must be right all the same
      const username = givenName ?? (certified?.includes(clientId) ? clientId : undefined);
      if (username === undefined || (password === undefined && !certified?.includes(username)))
        return refuse(CONNACK.notAuthorised, 'no user name or password');
      const kind = username.startsWith(INTEGRATION_PREFIX) ? 'integration' : 'device';
      const id = kind === 'integration' ? username.slice(INTEGRATION_PREFIX.length) : username;
      if (!ID.test(id)) return refuse(CONNACK.notAuthorised, 'the user name is no id');
      if (kind === 'device' && clientId !== id) return refuse(CONNACK.notAuthorised, 'client id and user name differ');
      if (kind === 'device' && certified && !certified.includes(id))
        return refuse(CONNACK.notAuthorised, 'the certificate is of another device');
      let session: Session | undefined;
      const before = changes;
      try {
        session = await findOrRemember(kind, id);
      } catch {
        return refuse(CONNACK.unavailable, 'the registry does not answer');
      }
      const right =
        password === undefined || verifySecret(Buffer.from(password).toString(), session?.secretHash ?? NO_HASH);
      if (!session || !right) return refuse(CONNACK.notAuthorised, 'unknown name or wrong secret');
      if (will && !mayLeave(session, will)) return refuse(CONNACK.notAuthorised, 'this will is not allowed');
      if (remembered.size >= REMEMBERED) remembered.clear();
      // a look-up that was under way when a credential changed may carry the old one
      if (before === changes) remembered.set(`${kind}:${id}`, session);
      return { ok: true, session };
    },
    forget(kind, id) {
      changes += 1;
      remembered.delete(`${kind}:${id}`);
    },
    async presentHash(kind, id) {
      return (await inTime(find(kind, id), timeoutMs))?.secretHash;
    },
  };
}

function refuse(returnCode: 2 | 3 | 5, reason: string): LoginResult {
  return { ok: false, returnCode, reason };
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
