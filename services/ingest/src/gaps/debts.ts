import type { IntegrationRecord } from '@ronde/contracts';
import type { Registry } from '@ronde/registry';
import type { NetworkAsker } from './ask-network.ts';

export interface DebtsParts {
  registry: Pick<Registry, 'devices' | 'integrations'>;
  asker: NetworkAsker;
  tenant: string;
  stopping: AbortSignal;
}

/** What is still to be asked of networks for the time that this platform was down. */
export interface Debts {
  /** Owes a span to every network that can be asked. */
  add(span: Span): Promise<void>;
  /** Asks as much of it as may be asked now; the rest waits for the next call. @returns how many messages came */
  pay(): Promise<number>;
}

interface Span {
  fromMs: number;
  toMs: number;
}
interface Debt extends Span {
  integrationId: string;
  /** Absent: the whole application is asked at once. */
  deviceIds?: string[] | undefined;
}

/** Of networks that know single devices only: so many a turn, so that open gaps are asked for in between. */
const DEVICES_PER_TURN = 200;

export function createDebts({ registry, asker, tenant, stopping }: DebtsParts): Debts {
  let owed: Debt[] = [];

  async function devicesOf({ id }: IntegrationRecord, isOnly: boolean): Promise<string[]> {
    const devices = await registry.devices.all(tenant);
    return devices
      .filter(({ integrationId, status }) => status !== 'retired' && (integrationId ?? (isOnly ? id : '')) === id)
      .map((device) => device.id);
  }

  /** @returns what is still owed of it, undefined when nothing */
  async function payOne(debt: Debt): Promise<{ count: number; rest: Debt | undefined }> {
    const integration = await registry.integrations.get(tenant, debt.integrationId);
    if (!integration) return { count: 0, rest: undefined };
    if (debt.deviceIds) return payDevices(integration, debt, debt.deviceIds);
    const { count, isPaused } = await asker.ask(integration, debt);
    // what came before the fault is kept, and will be dropped as known when it comes again
    return { count, rest: isPaused ? debt : undefined };
  }

  async function payDevices(
    integration: IntegrationRecord,
    debt: Debt,
    deviceIds: string[],
  ): Promise<{ count: number; rest: Debt | undefined }> {
    const { lanes = 1, pauseMs = 0 } = asker.historyOf(integration)?.history ?? {};
    const turn = deviceIds.slice(0, DEVICES_PER_TURN);
    const later = deviceIds.slice(DEVICES_PER_TURN);
    let count = 0;
    let isPaused = false;
    const lane = async (): Promise<void> => {
      for (let id = turn.shift(); id !== undefined; id = turn.shift()) {
        const device = await registry.devices.get(tenant, id);
        if (!device) continue;
        const answer =
          isPaused || stopping.aborted
            ? { count: 0, isPaused: true }
            : await asker.ask(integration, { ...debt, device });
        count += answer.count;
        isPaused ||= answer.isPaused;
        if (answer.isPaused) later.unshift(id);
        else if (pauseMs > 0 && turn.length > 0) await waitFor(pauseMs, stopping);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return { count, rest: later.length > 0 ? { ...debt, deviceIds: later } : undefined };
  }

  return {
    async add(span) {
      const able = (await registry.integrations.all(tenant)).flatMap((integration) => {
        const found = asker.historyOf(integration);
        return found ? [{ integration, ...found }] : [];
      });
      for (const { integration, history, api } of able) {
        const { id: integrationId } = integration;
        const isWhole = history.hasApplication(api);
        const deviceIds = isWhole ? undefined : await devicesOf(integration, able.length === 1);
        owed.push({ ...span, integrationId, deviceIds });
      }
    },
    async pay() {
      let count = 0;
      const rests: Debt[] = [];
      for (const debt of owed.splice(0)) {
        const paid = stopping.aborted ? { count: 0, rest: debt } : await payOne(debt);
        count += paid.count;
        if (paid.rest) rests.push(paid.rest);
      }
      owed = rests;
      return count;
    },
  };
}

/** Waits in host time, as the networks count; ends early when the service stops. */
export function waitFor(ms: number, stopping: AbortSignal): Promise<void> {
  if (ms <= 0 || stopping.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stopping.addEventListener('abort', done);
  });
}
