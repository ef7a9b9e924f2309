import { z } from 'zod';
import { Id, Instant } from './basics.ts';

/** Network servers and formats that uplinks come from; one parser file each under ingest/sources. */
export const SOURCES = [
  'things-stack',
  'chirpstack',
  'thingpark',
  'loriot',
  'helium',
  'sigfox',
  'kpn',
  'miotiq',
  'milesight-nb',
  'sparkplug',
  'senml',
  'native',
] as const;
export const Source = z.enum(SOURCES);
export type Source = z.infer<typeof Source>;

export const IntegrationInput = z.object({ id: Id, source: Source });
export type IntegrationInput = z.infer<typeof IntegrationInput>;
export const Integration = IntegrationInput.extend({ createdAt: Instant });
export type Integration = z.infer<typeof Integration>;
export const IntegrationCreated = Integration.extend({ secret: z.string() });
export type IntegrationRecord = Integration & { secretHash: string };

/** Ladder of rights: each role may do what those before it may, except that engineer sees no rounds' people. */
export const ROLES = ['viewer', 'crew', 'operator', 'engineer', 'admin'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const TokenInput = z.object({ role: Role, crewId: Id.optional(), label: z.string().max(200).optional() });
export type TokenInput = z.infer<typeof TokenInput>;
export const Token = TokenInput.extend({ id: Id, createdAt: Instant });
export type Token = z.infer<typeof Token>;
export const TokenCreated = z.object({ id: Id, token: z.string() });
export type TokenRecord = Token & { secretHash: string };

/** Who makes a call: a token's role within one tenant. */
export interface Principal {
  tenant: string;
  role: Role;
  tokenId: string;
  crewId?: string | undefined;
}
