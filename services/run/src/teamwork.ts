import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { RondeError } from '@ronde/contracts';
import { FRAMES_PER_WORKER } from '@ronde/inbox';
import type { Logger } from '@ronde/kit';
import { createLeases, type Collection, type Lease, type Leases, type Registry } from '@ronde/registry';
import type { AllConfigs } from './config.ts';
import type { RoleName } from './roles.ts';

export interface TeamworkParts {
  registry: Registry;
  configs: AllConfigs;
  roles: readonly RoleName[];
  dataDir: string;
  log: Logger;
  /** Ends the process: somebody else does its work now. */
  onOvertaken(what: string): void;
  /** How long a lease of a process that has died is waited for; 15 s unless given. */
  claimPatienceMs?: number;
}

/** What processes that share stores agree on: who is which worker, who leads. Alone, nothing has to be agreed. */
export interface Teamwork {
  /** Where the numbers of this worker's inbox begin: no two workers ever number a frame alike. */
  firstSeq: number;
  leases: Leases | undefined;
  /** The registry for routing: refuses plans and rounds of a process that no longer leads. */
  routingRegistry: Registry;
  close(): Promise<void>;
}

const CLAIM_PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 1_000;
const ROUTING = 'routing';
const ONLY_WORKER = 'only-worker';

/**
 * Opens what several processes need to work side by side; waits until this one may lead where its roles have one leader.
 * @throws (by rejection) RondeError CONFIG_INVALID when another process runs under this INGEST_WORKER, or runs at all beside a
 * store for one worker
 */
export async function openTeamwork(parts: TeamworkParts): Promise<Teamwork> {
  const { registry, configs, roles, dataDir } = parts;
  if (configs.platform.REGISTRY_URL.startsWith('sqlite:'))
    return { firstSeq: 0, leases: undefined, routingRegistry: registry, close: async () => undefined };
  const worker = configs.ingest.INGEST_WORKER;
  const holder = `${roles.join('+')}:${worker}@${homeOf(dataDir)}`;
  const leases = createLeases({ registry, tenant: configs.platform.TENANT, holder });
  try {
    const firstSeq = roles.includes('ingest') ? await claimWorker(leases, parts) : 0;
    const leading = roles.includes('routing') ? keepLeading(await waitToLead(leases, parts), leases, parts) : undefined;
    return {
      firstSeq,
      leases,
      routingRegistry: leading ? fenced(registry, leading.lease) : registry,
      async close() {
        leading?.stop();
        await leases.close();
      },
    };
  } catch (error) {
    await leases.close();
    throw error;
  }
}

/** Two processes under one worker name would take each other's session at the broker and share a cursor. */
async function claimWorker(leases: Leases, parts: TeamworkParts): Promise<number> {
  const { registry, configs, claimPatienceMs: patienceMs = CLAIM_PATIENCE_MS } = parts;
  const { TENANT: tenant, READINGS_URL } = configs.platform;
  const worker = configs.ingest.INGEST_WORKER;
  await takeInTime(leases, `worker/${worker}`, {
    patienceMs,
    otherwise: `INGEST_WORKER ${worker}: another process runs under this name; give each worker one of its own`,
  });
  // of two workers that get the same uplink one must find out: only there a unique index decides
  if (!/^postgres(ql)?:/.test(READINGS_URL))
    await takeInTime(leases, ONLY_WORKER, {
      patienceMs,
      otherwise:
        `READINGS_URL: only PostgreSQL keeps several ingest workers from storing an uplink twice, and another one runs ` +
        `already; use postgres:// in each, or one worker`,
    });
  for (;;) {
    const known = await registry.ingestWorkers.all(tenant);
    const own = known.find((one) => one.worker === worker);
    if (own) return Number(own.id) * FRAMES_PER_WORKER;
    await registry.ingestWorkers.insert(tenant, { id: String(known.length), worker });
  }
}

/** Takes a lease; waits for one of a process that has just died. @throws (by rejection) RondeError CONFIG_INVALID */
async function takeInTime(
  leases: Leases,
  name: string,
  { patienceMs, otherwise }: { patienceMs: number; otherwise: string },
): Promise<void> {
  const untilMs = performance.now() + patienceMs;
  while (!(await leases.take(name))) {
    if (performance.now() > untilMs) throw new RondeError('CONFIG_INVALID', otherwise);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Answers probes while another process leads: alive, and not ready. */
async function waitToLead(leases: Leases, { configs, log }: TeamworkParts): Promise<Lease> {
  let lease = await leases.take(ROUTING);
  if (lease) return lease;
  const { HOST, HTTP_PORT } = configs.platform;
  log.info('run.leader.wait');
  const server = createServer((request, response) => {
    const isLive = request.url === '/health/live';
    response.writeHead(isLive ? 200 : 503, { 'content-type': 'application/json', 'retry-after': '5' });
    response.end(JSON.stringify({ status: isLive ? 'ok' : 'not-ready', detail: 'standing by: another process leads' }));
  });
  server.on('error', (error) => log.warn({ err: error }, 'run.leader.probe'));
  server.listen(HTTP_PORT, HOST);
  try {
    while (!(lease = await leases.take(ROUTING).catch(() => undefined)))
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  log.warn({ token: lease.token }, 'run.leader.take-over');
  return lease;
}

/** Takes the lead anew after a registry that was away; ends the process when another one was faster. */
function keepLeading(first: Lease, leases: Leases, { onOvertaken }: TeamworkParts): { lease(): Lease; stop(): void } {
  let lease = first;
  const look = async (): Promise<void> => {
    if (lease.isHeld()) return;
    const next = await leases.take(ROUTING);
    if (next) lease = next;
    else onOvertaken(ROUTING);
  };
  let looking: Promise<void> | undefined;
  const watch = setInterval(() => {
    // one at a time: two that take at once would each see the other as somebody else
    // unreachable: the fence lets nothing through meanwhile, and the next turn asks again
    looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined));
  }, LOOK_EVERY_MS);
  return { lease: () => lease, stop: () => clearInterval(watch) };
}

/** Asks before each write whether this process still leads: one that was frozen must not bring its old plan. */
function fenced(registry: Registry, leaseNow: () => Lease): Registry {
  const guard = async (): Promise<void> => {
    const lease = leaseNow();
    if (lease.isHeld() && (await lease.confirm())) return;
    throw new RondeError('LEASE_LOST', 'another process makes the plans now');
  };
  const guarded = <T extends { id: string }>(collection: Collection<T>): Collection<T> => ({
    ...collection,
    async insert(tenant, document) {
      await guard();
      return collection.insert(tenant, document);
    },
    async put(tenant, document) {
      await guard();
      await collection.put(tenant, document);
    },
    async putAll(tenant, documents) {
      await guard();
      await collection.putAll(tenant, documents);
    },
  });
  return {
    ...registry,
    plans: guarded(registry.plans),
    rounds: guarded(registry.rounds),
    roundVersions: guarded(registry.roundVersions),
  };
}

/** Tells this DATA_DIR from others, so that a process that restarts takes its own leases back at once. */
function homeOf(dataDir: string): string {
  const file = join(dataDir, 'worker-id');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const id = randomBytes(6).toString('hex');
  writeFileSync(file, `${id}\n`, { mode: 0o600 });
  return id;
}
