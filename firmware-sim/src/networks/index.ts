import { chirpstack, chirpstackProtobuf } from './chirpstack.ts';
import { helium } from './helium.ts';
import { kpn, kpnRaw } from './kpn.ts';
import { loriot } from './loriot.ts';
import { milesightNb } from './milesight-nb.ts';
import { miotiq } from './miotiq.ts';
import type { Network, NetworkId } from './model.ts';
import { openNative, openNativePlain } from './native.ts';
import { senml } from './senml.ts';
import { sigfox } from './sigfox.ts';
import { openSparkplug } from './sparkplug.ts';
import { thingpark } from './thingpark.ts';
import { thingsStack, thingsStackWebhook } from './things-stack.ts';

/** Gives every network with what it has to remember for one simulation. */
export function openNetworks(tenant: string): Record<NetworkId, Network> {
  return {
    'things-stack': thingsStack,
    'things-stack-webhook': thingsStackWebhook,
    chirpstack,
    'chirpstack-protobuf': chirpstackProtobuf,
    thingpark,
    loriot,
    helium,
    sigfox,
    kpn,
    'kpn-raw': kpnRaw,
    miotiq,
    'milesight-nb': milesightNb,
    sparkplug: openSparkplug(),
    senml,
    native: openNative(tenant),
    'native-plain': openNativePlain(tenant),
  };
}
