import type { Source } from '@ronde/contracts';
import { handToChirpstack } from './chirpstack.ts';
import { handToHelium } from './helium.ts';
import { handToLoriot } from './loriot.ts';
import type { HandOut } from './network.ts';
import { handToThingpark } from './thingpark.ts';
import { handToThingsStack } from './things-stack.ts';

/** Networks whose queue is filled by HTTP; Sigfox asks by itself, own devices listen on MQTT, the others take none. */
export const HAND_OUT: Partial<Record<Source, HandOut>> = {
  'things-stack': handToThingsStack,
  chirpstack: handToChirpstack,
  thingpark: handToThingpark,
  loriot: handToLoriot,
  helium: handToHelium,
};
