import { useEffect } from 'preact/hooks';
import type { Incident, IncidentKind } from '@ronde/contracts';
import { formatAge, formatMoment, formatPercent } from '../shared/i18n/format.ts';
import { incidentName, sayPart } from '../shared/i18n/incident-text.ts';
import { sayConflict, sayEvent } from '../shared/i18n/report-text.ts';
import { issueName, issueRemedy } from '../shared/i18n/issue-text.ts';
import { serverNow } from '../shared/live/server-clock.ts';
import { useTick } from '../shared/ui/connection-chip.tsx';
import { Icon } from '../shared/ui/icon.tsx';
import {
  acknowledgeAll,
  ALARM_FILTERS,
  alarmFilter,
  changeIncident,
  shownIncidents,
  type AlarmFilter,
} from './incident-actions.ts';
import { isEngineer, loadRole } from './role.ts';
import { activate, active } from './selection.ts';
import { assets, incidents, vehicleName } from './state.ts';
import { incidentStatus, t } from './text.ts';
import { show } from './view.ts';

/** From this many of one kind, they are shown as one group: a broken gateway is one thing, not 38. */
const GROUP_FROM = 5;
const GROUP_SHOWN = 100;
const FILTER_KEYS = { new: 'alarmsFilterNew', active: 'alarmsFilterActive', shelved: 'alarmsFilterShelved' } as const;

/** Alarms: what needs attention, with what can be done about it. */
export function AlarmsTab() {
  const tick = useTick(5_000);
  void tick.value;
  useEffect(() => void loadRole(), []);
  const shown = shownIncidents.value;
  const open = shown.filter(({ status }) => status === 'open');
  return (
    <div class="alarms">
      <div class="alarms__tools">
        <div class="choices" role="group" aria-label={t('alarmsFilter')}>
          {ALARM_FILTERS.map((name) => (
            <FilterButton key={name} name={name} />
          ))}
        </div>
        {open.length > 1 && (
          <button
            type="button"
            class="utrecht-button utrecht-button--subtle"
            onClick={() => void acknowledgeAll(open.map(({ id }) => id))}
          >
            {t('acknowledgeAll', { n: open.length })}
          </button>
        )}
      </div>
      <div class="alarms__list">
        {shown.length === 0 && (
          <p class="empty">
            {t(!incidents.isLoaded.value ? 'loading' : alarmFilter.value === 'new' ? 'alarmsNone' : 'alarmsNoneAny')}
          </p>
        )}
        {groups(shown).map(([kind, members]) => (
          <AlarmGroup key={kind} kind={kind} members={members} />
        ))}
      </div>
    </div>
  );
}

function FilterButton({ name }: { name: AlarmFilter }) {
  return (
    <button
      type="button"
      class="utrecht-button utrecht-button--secondary-action"
      aria-pressed={alarmFilter.value === name}
      onClick={() => {
        alarmFilter.value = name;
      }}
    >
      {t(FILTER_KEYS[name])}
    </button>
  );
}

function AlarmGroup({ kind, members }: { kind: IncidentKind; members: readonly Incident[] }) {
  const rows = (
    <ul>
      {members.slice(0, GROUP_SHOWN).map((incident) => (
        <AlarmRow key={incident.id} incident={incident} />
      ))}
    </ul>
  );
  if (members.length < GROUP_FROM) return rows;
  const oldest = members.at(-1) as Incident;
  return (
    <details class="alarms__group" open>
      <summary>
        <strong>{t('alarmGroup', { n: members.length, kind: incidentName(kind) })}</strong>
        <span class="small soft">{t('alarmSince', { age: formatAge(serverNow() - Date.parse(oldest.openedAt)) })}</span>
      </summary>
      {rows}
    </details>
  );
}

function AlarmRow({ incident }: { incident: Incident }) {
  const { id, kind, assetId, deviceId, typeId, openedAt, status, text } = incident;
  // names and fills come after the alarms
  void assets.documents.value;
  const index = assetId === undefined ? undefined : assets.indexOf(assetId);
  const name = index === undefined ? assetId : assets.asset(index).name;
  const openedMs = Date.parse(openedAt);
  return (
    <li class={`alarm${active.value.alarms === id ? ' alarm--active' : ''}`} onClick={() => activate('alarms', id)}>
      <span class={`alarm__icon alarm__icon--${kind}`}>
        <Icon name={kind === 'sensor-silent' ? 'silent' : kind === 'vehicle-out' ? 'truck' : 'alarm'} />
      </span>
      <div class="alarm__text">
        {assetId ? (
          <button type="button" class="alarm__name" onClick={() => show({ selected: assetId })}>
            {name}
          </button>
        ) : (
          <strong>{incidentName(kind)}</strong>
        )}
        <span title={text}>{[incidentName(kind), detailOf(incident, index)].filter(Boolean).join(': ')}</span>
        <span class="small soft" title={formatMoment(openedMs)}>
          {t('alarmSince', { age: formatAge(serverNow() - openedMs) })} · {incidentStatus(status)}
        </span>
      </div>
      <div class="alarm__actions">
        {deviceId && isEngineer.value && (
          <a
            class="utrecht-button utrecht-button--secondary-action"
            href={`/console?tab=devices&device=${encodeURIComponent(deviceId)}`}
          >
            {t('alarmDevice')}
          </a>
        )}
        {typeId && isEngineer.value && (
          <a
            class="utrecht-button utrecht-button--secondary-action"
            href={`/console?tab=types&type=${encodeURIComponent(typeId)}`}
          >
            {t('alarmType')}
          </a>
        )}
        {status === 'open' && (
          <AlarmButton label={t('acknowledge')} onPress={() => void changeIncident(id, 'acknowledged')} />
        )}
        {status !== 'shelved' && <AlarmButton label={t('shelve')} onPress={() => void changeIncident(id, 'shelved')} />}
        {status !== 'open' && <AlarmButton label={t('resolve')} onPress={() => void changeIncident(id, 'resolved')} />}
      </div>
    </li>
  );
}

/** Kinds whose server sentence says no more than their name does. */
const SAID_BY_NAME = new Set<IncidentKind>(['asset-full', 'sensor-silent', 'sensor-disagrees']);

/** What is known now, in the reader's language; the server's sentence where only that says it. */
function detailOf(incident: Incident, index: number | undefined): string {
  const { kind, text, issue, part, report, assetId, deviceId, typeId, version = '' } = incident;
  if (typeId) return t('alarmTypeVersion', { type: typeId, version });
  if (issue) {
    const what = `${issueName(issue)}. ${issueRemedy(issue)}`;
    return assetId === undefined && deviceId ? `${deviceId}: ${what}` : what;
  }
  if (kind === 'platform') return sayPart(part, text);
  if (report) return sayReport(report);
  if (index === undefined) return SAID_BY_NAME.has(kind) ? '' : text;
  const { fill, atMs } = assets.row(index);
  if (kind === 'asset-full' && fill !== null) return t('alarmFullNow', { fill: formatPercent(fill) });
  if (kind === 'sensor-disagrees' && fill !== null) return t('alarmStillReads', { fill: formatPercent(fill) });
  if (kind === 'sensor-silent' && atMs !== null) return t('alarmSilentSince', { age: formatAge(serverNow() - atMs) });
  return SAID_BY_NAME.has(kind) ? '' : text;
}

/** What a crew told, in the reader's language; a note stays in the crew's own words. */
function sayReport({ kind, reason, note, conflict }: NonNullable<Incident['report']>): string {
  if (conflict) return sayConflict(conflict, vehicleName);
  if (kind === 'problem') return note ?? t('alarmNoNote');
  return [sayEvent({ kind, reason }), note].filter(Boolean).join(', ');
}

function AlarmButton({ label, onPress }: { label: string; onPress(): void }) {
  return (
    <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={onPress}>
      {label}
    </button>
  );
}

function groups(shown: readonly Incident[]): [IncidentKind, Incident[]][] {
  const byKind = new Map<IncidentKind, Incident[]>();
  for (const incident of shown) byKind.set(incident.kind, [...(byKind.get(incident.kind) ?? []), incident]);
  return [...byKind];
}
