import type { Replay } from '@ronde/contracts';
import { formatMinute } from '../../shared/i18n/format.ts';
import { sensorTypes } from '../catalogue.ts';
import { t } from './text.ts';

const RUNNING: readonly Replay['status'][] = ['waiting', 'comparing', 'applying'];

export const isRunning = ({ status }: Pick<Replay, 'status'>): boolean => RUNNING.includes(status);

/** Says which frames a replay reads: a device, a type by its vendor's name, or all. */
export function scopeWords({ deviceId, typeId, version }: Pick<Replay, 'deviceId' | 'typeId' | 'version'>): string {
  const what = deviceId ?? (typeId === undefined ? t('allDevices') : typeWords(typeId));
  return version === undefined ? what : t('typeWith', { type: what, version });
}

function typeWords(typeId: string): string {
  const type = sensorTypes.value.find(({ id }) => id === typeId);
  return type ? `${type.vendor} ${type.model}` : typeId;
}

export function periodWords({ from, to }: Pick<Replay, 'from' | 'to'>): string {
  return t('period', { from: formatMinute(Date.parse(from)), to: formatMinute(Date.parse(to)) });
}

/** How many readings differ. */
export function differing({ diff }: Pick<Replay, 'diff'>): number {
  return diff === null ? 0 : diff.readings.added + diff.readings.changed + diff.readings.removed;
}
