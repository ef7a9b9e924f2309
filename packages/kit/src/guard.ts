import type { FastifyReply, FastifyRequest } from 'fastify';
import { RondeError, type Principal, type Role } from '@ronde/contracts';

/** Finds who a bearer token belongs to; undefined = unknown token. */
export type Authenticate = (token: string) => Promise<Principal | undefined>;

/** What stands before a route; usable as `preHandler` or `onRequest`. */
export type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

// Per request, so that a guard needs no reference to the server that its route was added to.
const authenticators = new WeakMap<FastifyRequest, Authenticate>();
const rolesOfGuard = new WeakMap<object, readonly Role[]>();

/** Notes how tokens of this request are checked; called once per request by the server. */
export function bindAuthenticator(request: FastifyRequest, authenticate: Authenticate): void {
  authenticators.set(request, authenticate);
}

/** Checks a token that came another way than the header (first message of a WebSocket), as the request's server would. */
export async function authenticateWith(request: FastifyRequest, token: string): Promise<Principal | undefined> {
  return authenticators.get(request)?.(token);
}

/** Gives the roles a guard lets through; undefined for any other hook. */
export function rolesOf(hook: unknown): readonly Role[] | undefined {
  return typeof hook === 'function' ? rolesOfGuard.get(hook) : undefined;
}

/**
 * Makes the guard of a route: the call must carry a bearer token with one of the roles. The server runs it before it
 * reads the body, so that strangers learn nothing from faults.
 * @throws RondeError TOKEN_MISSING, TOKEN_UNKNOWN or ROLE_INSUFFICIENT
 */
export function allow(...roles: Role[]): Guard {
  const guard: Guard = async (request) => {
    const token = bearerOf(request.headers.authorization);
    if (!token) throw new RondeError('TOKEN_MISSING', 'this call needs a bearer token');
    const principal = await authenticateWith(request, token);
    if (!principal) throw new RondeError('TOKEN_UNKNOWN', 'the bearer token is not known');
    if (!roles.includes(principal.role)) {
      throw new RondeError(
        'ROLE_INSUFFICIENT',
        `the role ${principal.role} may not do this; needed: ${roles.join(' or ')}`,
      );
    }
    request.principal = principal;
  };
  rolesOfGuard.set(guard, roles);
  return guard;
}

// RFC 9110 §11.1: the scheme is case-insensitive
function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1];
}
