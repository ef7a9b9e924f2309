import type { DeviceRecord, Downlink, NetworkApi } from '@ronde/contracts';
import type { NetworkHttp } from '../../outside/http.ts';

/** A downlink on its way out, with all that a network must know. */
export interface Outgoing {
  downlink: Downlink;
  device: DeviceRecord;
  bytes: Uint8Array;
  /** Absent when the integration says nothing of the network's API. */
  api: NetworkApi | undefined;
  /** Earlier ones for the same setting still wait in the network's queue and are to be dropped. */
  replaces: boolean;
}

/** What the network said. `sent`: it went out at once; `queued`: it waits for the device's next uplink. */
export type HandOver =
  { ok: true; status: 'queued' | 'sent'; ref?: string | undefined } | { ok: false; retriable: boolean; detail: string };

/** Hands a downlink to one network. Never throws for what a network answers; a retry may queue it twice there. */
export type HandOut = (outgoing: Outgoing, http: NetworkHttp) => Promise<HandOver>;

/** Says what of an integration's `api` is missing, as a refusal. */
export function lacks(fields: string): HandOver {
  return { ok: false, retriable: false, detail: `the integration has no ${fields}; add it under "api"` };
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** Gives a device's devEUI, or a refusal. */
export function devEuiOf({ device }: Outgoing): string | undefined {
  return device.externalIds?.devEui;
}

export const NO_DEV_EUI: HandOver = {
  ok: false,
  retriable: false,
  detail: 'the device has no devEUI; add externalIds.devEui',
};
