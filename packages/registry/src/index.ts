/** Registry of everything that is not a reading, by URL: `sqlite:`; with its credentials. */
export * from './port.ts';
export * from './open.ts';
export * from './change-schema.ts';
export * from './credentials.ts';
export * from './authenticator.ts';
export * from './leases.ts';
export * from './leader.ts';
