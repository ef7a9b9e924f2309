import type { IncidentSpan, IncidentsDiff } from '@ronde/contracts';
import { formatMinute } from '../../shared/i18n/format.ts';
import { incidentName } from '../../shared/i18n/incident-text.ts';
import { issueName } from '../../shared/i18n/issue-text.ts';
import { AssetLink } from '../asset-names.tsx';
import { PlaceLink } from '../place-link.tsx';
import { DiffTable } from './diff-table.tsx';
import { t } from './text.ts';

/** Alarms that would not have been raised, and those that would have been in addition. */
export function Incidents({ incidents }: { incidents: IncidentsDiff }) {
  const { before, after, gone, extra, goneExamples, extraExamples, unjudgedDevices } = incidents;
  const isCut = goneExamples.length < gone || extraExamples.length < extra;
  return (
    <article class="card" aria-labelledby="diff-incidents">
      <h3 id="diff-incidents">{t('incidents')}</h3>
      <p>{gone + extra === 0 ? t('incidentsSame') : t('incidentsWords', { before, after, gone, extra })}</p>
      {unjudgedDevices > 0 && <p class="soft">{t('incidentsUnjudged', { n: unjudgedDevices })}</p>}
      {gone + extra > 0 && (
        <DiffTable
          labelledBy="diff-incidents"
          heads={[t('colIncident'), t('colChange'), t('colAbout'), t('colFrom'), t('colTo')]}
          rows={[
            ...goneExamples.map((span) => rowOf(span, 'goneName')),
            ...extraExamples.map((span) => rowOf(span, 'extraName')),
          ]}
        />
      )}
      {isCut && (
        <p class="small soft">{t('incidentsCut', { n: Math.max(goneExamples.length, extraExamples.length) })}</p>
      )}
    </article>
  );
}

function rowOf(span: IncidentSpan, change: 'goneName' | 'extraName') {
  const { kind, issue, from, to, assetId, deviceId } = span;
  return {
    key: [change, kind, issue, assetId, deviceId, from].join(),
    head: issue ? issueName(issue) : incidentName(kind),
    cells: [
      t(change),
      assetId === undefined ? (
        deviceId && (
          <PlaceLink key="about" to={{ tab: 'devices', device: deviceId }}>
            {deviceId}
          </PlaceLink>
        )
      ) : (
        <AssetLink key="about" id={assetId} />
      ),
      formatMinute(Date.parse(from)),
      to === null ? t('stillOpen') : formatMinute(Date.parse(to)),
    ],
  };
}
