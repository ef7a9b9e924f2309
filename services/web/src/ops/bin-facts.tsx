import type { Chamber, Reading, StoredCrewEvent } from '@ronde/contracts';
import { BIN_IS_EMPTY } from '../shared/crew-note.ts';
import { formatAge, formatMoment, formatNumber, formatPercent } from '../shared/i18n/format.ts';
import { fractionName } from '../shared/i18n/fraction-text.ts';
import { etaWords, sayLeftOut, sayReason } from '../shared/i18n/reason-text.ts';
import { sayEvent } from '../shared/i18n/report-text.ts';
import { kindName } from '../shared/i18n/shared-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { FillBadge } from '../shared/ui/fill-badge.tsx';
import type { Part, SensorHealth } from './bin-data.ts';
import { LoadFault } from './load-fault.tsx';
import { activeRounds, areaName, assets, vehicleName } from './state.ts';
import { t } from './text.ts';
import { show } from './view.ts';

/** Which round the bin is in and why, or why it is in none. */
export function BinRound({ id }: { id: string }) {
  const round = activeRounds.value.find(({ stops }) => stops.some((stop) => stop.assetIds.includes(id)));
  const stop = round?.stops.find(({ assetIds }) => assetIds.includes(id));
  const leftOut = activeRounds.value.flatMap((other) => other.leftOut).find(({ assetId }) => assetId === id);
  return (
    <section class="bin__section">
      <h3>{t('binRound')}</h3>
      {round && stop ? (
        <>
          <p>
            {t('inRound', {
              vehicle: vehicleName(round.vehicleId),
              seq: stop.seq,
              eta: etaWords(stop.eta, serverNow()).text,
            })}
          </p>
          <p>{t('because', { reason: sayReason(stop) })}</p>
          <button
            type="button"
            class="utrecht-button utrecht-button--secondary-action"
            onClick={() => show({ tab: 'rounds', round: round.id, selected: '' })}
          >
            {t('showRound')}
          </button>
        </>
      ) : (
        <p class="soft">{leftOut ? t('leftOutBecause', { reason: sayLeftOut(leftOut) }) : t('notInRound')}</p>
      )}
    </section>
  );
}

/** Where the bin stands, how to reach it, and its chambers. */
export function BinPlace({ index, chambers }: { index: number; chambers: ReadonlyMap<string, number> }) {
  const asset = assets.asset(index);
  const [lon, lat] = asset.geometry.coordinates;
  return (
    <section class="bin__section">
      <h3>{t('binPlace')}</h3>
      <dl class="facts">
        <Fact name={t('binNumber')} value={asset.id} />
        <Fact name={t('binKind')} value={kindName(asset.kind)} />
        <Fact name={t('area')} value={areaName(asset.areaId)} />
        <Fact name={t('binAddress')} value={asset.address ?? `${formatDegrees(lat)}, ${formatDegrees(lon)}`} />
        <Fact name={t('binAccess')} value={asset.accessNote} />
        <Fact name={t('binLift')} value={asset.liftType} />
      </dl>
      <h4>{t('binChambers')}</h4>
      <ul class="bin__chambers">
        {asset.chambers.map((chamber) => (
          <li key={chamber.id}>
            <FillBadge
              fill={chambers.get(chamber.id) ?? (asset.chambers.length === 1 ? assets.row(index).fill : null)}
            />
            <span class="small">{chamberWords(chamber)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function chamberWords({ id, fraction, volumeL }: Chamber): string {
  return [
    t('chamber', { id }),
    fraction && fractionName(fraction),
    volumeL !== undefined && t('volume', { volume: volumeL }),
  ]
    .filter(Boolean)
    .join(' · ');
}

function formatDegrees(value: number): string {
  return value.toFixed(5);
}

function Fact({ name, value }: { name: string; value: string | undefined }) {
  if (!value) return null;
  return (
    <div>
      <dt class="soft">{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** How the sensors of the bin do: battery, signal, last message. */
export function BinSensors({ part }: { part: Part<SensorHealth[]> }) {
  return (
    <section class="bin__section">
      <h3>{t('binSensors')}</h3>
      {part.kind === 'loading' && <div class="skeleton bin__skeleton" role="status" aria-label={t('loading')} />}
      {part.kind === 'fault' && <LoadFault problem={part.problem} />}
      {part.kind === 'ready' && part.value.length === 0 && <p class="soft">{t('noSensors')}</p>}
      {part.kind === 'ready' && (
        <ul class="bin__sensors">
          {part.value.map(({ device, battery, rssi, newest }) => (
            <li key={device.id}>
              <strong>{device.name ?? device.id}</strong>
              <span class="small">
                {[
                  t('sensorType', { type: device.typeId }),
                  battery && t('sensorBattery', { value: batteryWords(battery) }),
                  rssi && t('sensorSignal', { value: `${formatNumber(rssi.value ?? 0)} dBm` }),
                  newest ? t('sensorSeen', { age: formatAge(serverNow() - Date.parse(newest.at)) }) : t('sensorUnseen'),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function batteryWords({ quantity, value }: Reading): string {
  return quantity === 'battery' ? formatPercent(value ?? 0) : `${formatNumber(value ?? 0)} V`;
}

const VERDICT_KEYS = {
  pending: 'verdictPending',
  confirmed: 'verdictConfirmed',
  contradicted: 'verdictContradicted',
  'no-sensor': 'verdictNoSensor',
} as const;

/** What crews did here lately, and whether the sensor agrees. Rounds and vehicles, never persons. */
export function BinEvents({ part }: { part: Part<StoredCrewEvent[]> }) {
  return (
    <section class="bin__section">
      <h3>{t('binEvents')}</h3>
      {part.kind === 'fault' && <LoadFault problem={part.problem} />}
      {part.kind === 'ready' && part.value.length === 0 && <p class="soft">{t('noEvents')}</p>}
      {part.kind === 'ready' && (
        <ul class="bin__sensors">
          {part.value.map((event) => (
            <li key={event.id} title={formatMoment(Date.parse(event.deviceAt))}>
              <strong>{sayEvent(event)}</strong>
              <span class="small">
                {[
                  formatAge(serverNow() - Date.parse(event.deviceAt)),
                  vehicleName(event.vehicleId),
                  event.sensorVerdict && t(VERDICT_KEYS[event.sensorVerdict]),
                  // the tablet's own word beside "not full": the reason says it
                  event.note === BIN_IS_EMPTY ? undefined : event.note,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
