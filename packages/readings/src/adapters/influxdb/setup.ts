import { HttpError, InfluxDB } from '@influxdata/influxdb-client';
import { RondeError } from '@ronde/contracts';
import type { InfluxSetup, InfluxSetupOptions, SetupStep } from '../../influx-setup.ts';
import { rollupBuckets } from './kept-steps.ts';
import { rollupTasks } from './tasks.ts';

const DAY_S = 86_400;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

type Method = 'GET' | 'POST' | 'PATCH';
type Call = <T>(method: Method, path: string, body?: object) => Promise<T>;
interface Bucket {
  id: string;
  name: string;
  retentionRules: { everySeconds: number }[];
}
interface Context extends InfluxSetupOptions {
  call: Call;
  orgId: string;
}

/**
 * Makes what a Ronde needs in an InfluxDB 2, and leaves what is there: buckets of readings, hours and days, the tasks
 * that fill them, tokens that can do no more than they must.
 * @throws RondeError INPUT_INVALID, READINGS_UNREACHABLE
 */
export async function setUp(options: InfluxSetupOptions): Promise<InfluxSetup> {
  for (const [option, name] of [
    ['--org', options.org],
    ['--bucket', options.bucket],
  ] as const)
    if (!NAME.test(name))
      throw new RondeError('INPUT_INVALID', `${option} "${name}" is no name of letters, digits, - and _`);
  const steps: SetupStep[] = [];
  const { token, step } = await begin(options);
  if (step) steps.push(step);
  if (token === undefined) return { steps, env: {} };
  const call = createCall(options.url, token);
  const orgId = await findOrg(call, options, steps);
  const context = { ...options, call, orgId };
  const buckets = await makeBuckets(context, steps);
  await makeTasks(context, steps);
  const made = await makeTokens(context, buckets, steps);
  return { steps, env: envOf(options, made) };
}

/** A server that nobody has set up yet gets its first user and organisation. */
async function begin(options: InfluxSetupOptions): Promise<{ token: string | undefined; step?: SetupStep }> {
  const { url, org, bucket, username, password, dryRun } = options;
  const call = createCall(url, options.token ?? '');
  const { allowed } = await call<{ allowed: boolean }>('GET', '/api/v2/setup');
  if (!allowed) {
    if (options.token) return { token: options.token };
    throw new RondeError(
      'INPUT_INVALID',
      'give --token (or INFLUX_ADMIN_TOKEN): one that may make buckets, tasks and tokens',
    );
  }
  if (!username || !password) {
    throw new RondeError(
      'INPUT_INVALID',
      'this InfluxDB has no user yet: give --username and --password for its first one',
    );
  }
  const step: SetupStep = { kind: 'user', name: username, status: 'made' };
  if (dryRun) return { token: undefined, step };
  // its first bucket is made like the others afterwards, with the right retention
  const body = { username, password, org, bucket: `${bucket}-first`, ...(options.token && { token: options.token }) };
  const { auth } = await call<{ auth: { token: string } }>('POST', '/api/v2/setup', body);
  return { token: auth.token, step };
}

function createCall(url: string, token: string): Call {
  const client = new InfluxDB({ url, token, timeout: 10_000 });
  return async <T>(method: Method, path: string, body?: object): Promise<T> => {
    try {
      return (await client.transport.request(path, body ?? '', { method })) as T;
    } catch (thrown) {
      const what = thrown instanceof Error ? thrown.message : String(thrown);
      const isRight = thrown instanceof HttpError && [401, 403].includes(thrown.statusCode);
      const hint = isRight
        ? '; the token must be an operator’s or all-access: see "influx auth create --all-access"'
        : '';
      throw new RondeError('READINGS_UNREACHABLE', `${method} ${path.split('?')[0]}: ${what}${hint}`, {
        cause: thrown,
      });
    }
  };
}

async function findOrg(call: Call, { org, dryRun }: InfluxSetupOptions, steps: SetupStep[]): Promise<string> {
  const { orgs } = await call<{ orgs: { id: string; name: string }[] }>('GET', '/api/v2/orgs?limit=100');
  const known = orgs.find(({ name }) => name === org);
  steps.push({ kind: 'organisation', name: org, status: known ? 'kept' : 'made' });
  if (known || dryRun) return known?.id ?? '';
  return (await call<{ id: string }>('POST', '/api/v2/orgs', { name: org })).id;
}

async function makeBuckets(context: Context, steps: SetupStep[]): Promise<string[]> {
  const { call, orgId, bucket, dryRun, retentionDays, hourlyDays } = context;
  const kept = rollupBuckets(bucket);
  const wanted = [
    { name: bucket, days: retentionDays },
    { name: kept['1h'], days: hourlyDays },
    { name: kept['1d'], days: 0 },
  ];
  const ids: string[] = [];
  for (const { name, days } of wanted) {
    const known = orgId ? await findBucket(call, orgId, name) : undefined;
    const everySeconds = days * DAY_S;
    steps.push({ kind: 'bucket', name, ...bucketStatus(known, everySeconds) });
    if (known) ids.push(known.id);
    else if (!dryRun) {
      const retentionRules = everySeconds === 0 ? [] : [{ type: 'expire', everySeconds }];
      ids.push((await call<Bucket>('POST', '/api/v2/buckets', { orgID: orgId, name, retentionRules })).id);
    }
  }
  return ids;
}

async function findBucket(call: Call, orgId: string, name: string): Promise<Bucket | undefined> {
  const { buckets } = await call<{ buckets: Bucket[] }>('GET', `/api/v2/buckets?orgID=${orgId}&limit=100`);
  return buckets.find((bucket) => bucket.name === name);
}

/** A retention that differs is told and left: to shorten one throws readings away. */
function bucketStatus(known: Bucket | undefined, everySeconds: number): Pick<SetupStep, 'status' | 'detail'> {
  if (!known) return { status: 'made' };
  const has = known.retentionRules[0]?.everySeconds ?? 0;
  const days = (seconds: number): string => (seconds === 0 ? 'for ever' : `${seconds / DAY_S} days`);
  if (has === everySeconds) return { status: 'kept' };
  const detail = `keeps ${days(has)}, not ${days(everySeconds)}; change it by "influx bucket update", or set INFLUX_RETENTION_DAYS to match`;
  return { status: 'kept', detail };
}

async function makeTasks({ call, orgId, bucket, retentionDays, dryRun }: Context, steps: SetupStep[]): Promise<void> {
  const { tasks } = orgId
    ? await call<{ tasks: { id: string; name: string; flux: string }[] }>(
        'GET',
        `/api/v2/tasks?orgID=${orgId}&limit=500`,
      )
    : { tasks: [] };
  for (const { name, flux } of rollupTasks(bucket, retentionDays)) {
    const known = tasks.find((task) => task.name === name);
    const status = !known ? 'made' : known.flux === flux ? 'kept' : 'changed';
    steps.push({ kind: 'task', name, status });
    if (dryRun || status === 'kept') continue;
    if (known) await call('PATCH', `/api/v2/tasks/${known.id}`, { flux });
    else await call('POST', '/api/v2/tasks', { orgID: orgId, flux, status: 'active' });
  }
}

interface Made {
  name: string;
  token: string;
}

/** Read and write for Ronde itself, read for dashboards, write for others that measure into the bucket. */
async function makeTokens(context: Context, bucketIds: string[], steps: SetupStep[]): Promise<Made[]> {
  const { call, orgId, bucket, dryRun, renew } = context;
  const { authorizations } = orgId
    ? await call<{ authorizations: { description: string }[] }>('GET', `/api/v2/authorizations?orgID=${orgId}`)
    : { authorizations: [] };
  const wanted: [name: string, actions: ('read' | 'write')[], buckets: string[]][] = [
    [`${bucket} platform`, ['read', 'write'], bucketIds],
    [`${bucket} dashboards, read only`, ['read'], bucketIds],
    [`${bucket} sensors, write only`, ['write'], bucketIds.slice(0, 1)],
  ];
  const made: Made[] = [];
  for (const [description, actions, ids] of wanted) {
    const isKnown = authorizations.some((one) => one.description === description) && !renew;
    steps.push({ kind: 'token', name: description, status: isKnown ? 'kept' : 'made' });
    if (isKnown || dryRun) continue;
    const permissions = ids.flatMap((id) =>
      actions.map((action) => ({ action, resource: { type: 'buckets', id, orgID: orgId } })),
    );
    const body = { orgID: orgId, description, permissions };
    made.push({
      name: description,
      token: (await call<{ token: string }>('POST', '/api/v2/authorizations', body)).token,
    });
  }
  return made;
}

function envOf(options: InfluxSetupOptions, made: readonly Made[]): Record<string, string> {
  const { url, org, bucket, retentionDays } = options;
  const [platform, dashboards, sensors] = ['platform', 'dashboards', 'sensors'].map(
    (word) => made.find(({ name }) => name.startsWith(`${bucket} ${word}`))?.token,
  );
  return {
    READINGS_URL: `influxdb+${url}`,
    INFLUX_ORG: org,
    INFLUX_BUCKET: bucket,
    INFLUX_RETENTION_DAYS: String(retentionDays),
    ...(platform !== undefined && { INFLUX_TOKEN: platform }),
    ...(dashboards !== undefined && { INFLUX_READ_TOKEN: dashboards }),
    ...(sensors !== undefined && { INFLUX_WRITE_TOKEN: sensors }),
  };
}
