/** What an InfluxDB is set up with. */
export interface InfluxSetupOptions {
  url: string;
  /** One that may make buckets, tasks and tokens; for a server that has no user yet the first token, or none. */
  token?: string | undefined;
  org: string;
  bucket: string;
  /** Days that readings and hours are kept; 0 = for ever. Days are kept for ever. */
  retentionDays: number;
  hourlyDays: number;
  /** The first user, where there is none. */
  username?: string | undefined;
  password?: string | undefined;
  /** Makes new tokens though there are some: InfluxDB shows one only once. */
  renew: boolean;
  dryRun: boolean;
}
export interface SetupStep {
  kind: 'user' | 'organisation' | 'bucket' | 'task' | 'token';
  name: string;
  status: 'made' | 'changed' | 'kept';
  /** What a person has to know or do. */
  detail?: string;
}
export interface InfluxSetup {
  steps: SetupStep[];
  /** For the environment; tokens only when they were made just now. */
  env: Record<string, string>;
}

/**
 * Sets an InfluxDB 2 up for Ronde; a second time it changes nothing.
 * @throws RondeError INPUT_INVALID, READINGS_UNREACHABLE
 */
export async function setUpInflux(options: InfluxSetupOptions): Promise<InfluxSetup> {
  return (await import('./adapters/influxdb/setup.ts')).setUp(options);
}

/** Asks an InfluxDB whether it answers and lets the token read the bucket; gives what is wrong, with its remedy. */
export async function probeInflux(
  where: Pick<InfluxSetupOptions, 'url' | 'org' | 'bucket'> & { token: string },
): Promise<string | undefined> {
  return (await import('./adapters/influxdb/probe.ts')).probe(where);
}
