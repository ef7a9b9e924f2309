import type { Source } from '@ronde/contracts';
import { chirpstackHistory } from './chirpstack.ts';
import { loriotHistory } from './loriot.ts';
import type { NetworkHistory } from './port.ts';
import { sigfoxHistory } from './sigfox.ts';
import { thingsStackHistory } from './things-stack.ts';

/**
 * Networks that can be asked for what never arrived. No document of the others names such an API: ThingPark's DX Core gives
 * statistics of frames and no frames, KPN Things' is of devices and downlinks; both keep what they could not deliver in a
 * queue of their own (IoT Flow, destinations). See docs/guides/plug-in-devices.md, "When uplinks are missing".
 */
export const HISTORY: Partial<Record<Source, NetworkHistory>> = {
  'things-stack': thingsStackHistory,
  chirpstack: chirpstackHistory,
  loriot: loriotHistory,
  sigfox: sigfoxHistory,
};
