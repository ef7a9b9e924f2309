import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAll, startPlatform, type Platform } from '@ronde/run';

/** A platform started as `ronde start` does, without the demo, on free ports and with a folder of its own. */
export interface TestPlatform extends Platform {
  mqttUrl: string;
  /** Calls the API with the admin token; throws on anything but success. */
  call<T>(method: string, path: string, body?: object): Promise<T>;
}

/** Starts a real platform for a test; `stop` removes its data. */
export async function openPlatform(env: Record<string, string> = {}): Promise<TestPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ronde-e2e-'));
  const configs = readAll({
    DATA_DIR: dataDir,
    HTTP_PORT: '0',
    MQTT_PORT: '0',
    DEMO: 'off',
    // tests count every uplink
    HEARTBEAT_ALARM_MIN: 'off',
    LOG_LEVEL: 'error',
    SOLVE_S: '0.5',
    ...env,
  });
  if (!configs.ok) throw new Error(JSON.stringify(configs.faults));
  const platform = await startPlatform(configs.value, ['broker', 'ingest', 'routing', 'api']);
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const headers = {
      authorization: `Bearer ${platform.adminToken.token}`,
      ...(body && { 'content-type': 'application/json' }),
    };
    const response = await fetch(new URL(path, platform.url), {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  return {
    ...platform,
    mqttUrl: `mqtt://127.0.0.1:${platform.mqttPort}`,
    call,
    async stop() {
      await platform.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
