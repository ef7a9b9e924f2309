import type { Source } from '@ronde/contracts';
import { handToChirpstack } from './chirpstack.ts';
import { handToHelium } from './helium.ts';
import { handToKpn } from './kpn.ts';
import { handToLoriot } from './loriot.ts';
import type { HandOut } from './network.ts';
import { handToThingpark } from './thingpark.ts';
import { handToThingsStack } from './things-stack.ts';

/**
 * Networks whose queue is filled by HTTP; Sigfox asks by itself, own devices listen on MQTT. No document of MioTiq names an
 * API for downlinks, Milesight's NB-IoT devices take theirs from the maker's cloud, and a Sparkplug command writes metrics by
 * name, which bytes of a codec are not.
 */
export const HAND_OUT: Partial<Record<Source, HandOut>> = {
  'things-stack': handToThingsStack,
  chirpstack: handToChirpstack,
  thingpark: handToThingpark,
  kpn: handToKpn,
  loriot: handToLoriot,
  helium: handToHelium,
};
