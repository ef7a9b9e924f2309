/** Durable append log of raw frames: SQLite in WAL mode, synchronous FULL, group commit in a writer thread. */
export * from './port.ts';
export { openInbox, type InboxEvent, type InboxOptions } from './open-inbox.ts';
export { observeInbox, observeShipping } from './observe.ts';
export { openShipping, type Shipping, type ShippingEvent, type ShippingStatus } from './shipping/open-shipping.ts';
export { beginNewLine, probeSecondPlace, rebuildInbox, type Rebuilt } from './shipping/rebuild.ts';
