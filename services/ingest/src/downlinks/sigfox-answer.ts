import { z } from 'zod';
import type { Registry } from '@ronde/registry';
import type { Downlinks } from './downlinks.ts';

/** What Sigfox takes as the answer of a callback that asks for a downlink: eight bytes for the device. */
export const SigfoxAnswer = z.record(z.string(), z.object({ downlinkData: z.string() }));
export type SigfoxAnswer = z.infer<typeof SigfoxAnswer>;

const Asking = z.looseObject({
  device: z.string().regex(/^[0-9A-Fa-f]{1,8}$/),
  ack: z.union([z.literal(true), z.literal('true')]),
});

/** Gives the downlink that waits for the device of a callback, when the callback asks for one (BIDIR, `"ack":{ack}`). */
export async function answerSigfox(
  parts: { registry: Pick<Registry, 'findDevice'>; downlinks: Pick<Downlinks, 'takeFor'> },
  tenant: string,
  body: Uint8Array,
): Promise<SigfoxAnswer | undefined> {
  const asking = Asking.safeParse(parsed(body));
  if (!asking.success) return undefined;
  const id = asking.data.device;
  const found =
    (await parts.registry.findDevice({ networkId: id.toUpperCase() })) ?? (await parts.registry.findDevice({ id }));
  if (found?.tenant !== tenant) return undefined;
  const bytes = await parts.downlinks.takeFor(tenant, found.device.id);
  return bytes && { [id]: { downlinkData: Buffer.from(bytes).toString('hex') } };
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
