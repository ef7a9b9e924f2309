import { connect } from 'node:net';

/*
 * Run as a process of its own: opens connections at a rate, sends the same bytes on each and waits for what comes back.
 * Its addresses take turns. Argument: a HordePlan as JSON. Tells in one line what became of them when all are closed or `holdS` is over.
 */
/** What a horde does. */
export interface HordePlan {
  port: number;
  perS: number;
  count: number;
  /** Source addresses, of the loopback net. */
  addresses: string[];
  /** What each connection sends, base64. */
  bytes: string;
  /** Most seconds that are waited after the last connection was opened. */
  holdS: number;
}
/** What became of a horde. */
export interface HordeTold {
  opened: number;
  /** By the CONNACK return code; `none` for those that were closed or kept without one. */
  answers: Record<string, number>;
  stillOpen: number;
  tookS: number;
}

const TICK_MS = 10;
const plan = JSON.parse(process.argv[2]!) as HordePlan;
const bytes = Buffer.from(plan.bytes, 'base64');
const told: HordeTold = { opened: 0, answers: {}, stillOpen: 0, tookS: 0 };
const startMs = performance.now();
let open = 0;

function openOne(): void {
  const localAddress = plan.addresses[told.opened % plan.addresses.length]!;
  told.opened += 1;
  open += 1;
  let answer = 'none';
  const socket = connect({ port: plan.port, host: '127.0.0.1', localAddress });
  socket.write(bytes);
  socket.on('data', (data) => (answer = data[0] === 0x20 ? String(data[3]) : answer));
  socket.on('error', () => undefined);
  socket.once('close', () => {
    open -= 1;
    told.answers[answer] = (told.answers[answer] ?? 0) + 1;
    if (open === 0 && told.opened === plan.count) tell();
  });
}

function tell(): void {
  told.stillOpen = open;
  told.tookS = (performance.now() - startMs) / 1_000;
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
}

const ticking = setInterval(() => {
  const due = Math.min(plan.count, Math.ceil(((performance.now() - startMs) / 1_000) * plan.perS));
  while (told.opened < due) openOne();
  if (told.opened < plan.count) return;
  clearInterval(ticking);
  setTimeout(tell, plan.holdS * 1_000);
}, TICK_MS);
