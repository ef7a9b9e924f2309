/** Durable append log of raw frames: SQLite in WAL mode, synchronous FULL, group commit in a writer thread. */
export * from './port.ts';
export { openInbox, type InboxEvent, type InboxOptions } from './open-inbox.ts';
export { observeInbox } from './observe.ts';
