import { silentLog } from '@ronde/kit';
import { describeBus } from './conformance.ts';
import { openBus } from './open.ts';

describeBus('memory bus', () => openBus('memory:', silentLog()));
