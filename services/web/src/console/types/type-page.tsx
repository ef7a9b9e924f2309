import { useEffect, useRef } from 'preact/hooks';
import type { SensorTypeDetail } from '@ronde/contracts';
import { formatDuration } from '../../shared/i18n/format.ts';
import { Icon } from '../../shared/ui/icon.tsx';
import { param } from '../address.ts';
import { quantityName } from '../catalogue.ts';
import { Facts } from '../device/facts.tsx';
import { LoadNote } from '../load-state.tsx';
import { PlaceLink } from '../place-link.tsx';
import { useLoaded } from '../use-loaded.ts';
import { Comparison } from './comparison.tsx';
import { EditVersion } from './edit-version.tsx';
import { t } from './text.ts';
import { Versions } from './versions.tsx';

const EVERY_MS = 5_000;

/** A sensor type: what it is, its versions and how they fare, and the editor for the next one. */
export function TypePage({ id }: { id: string }) {
  const detail = useLoaded<SensorTypeDetail>(`/v1/sensor-types/${id}`, EVERY_MS);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [id]);
  const shown = detail.value.value;
  const [edited, compared] = [param('edit'), param('compare')];
  const reload = (): void => void detail.reload();
  return (
    <section aria-labelledby="type-title">
      <PlaceLink to={{ tab: 'types' }} class="utrecht-button utrecht-button--subtle back">
        <Icon name="left" /> {t('back')}
      </PlaceLink>
      <h2 id="type-title" ref={heading} tabIndex={-1}>
        {shown ? `${shown.vendor} ${shown.model}` : id}
      </h2>
      <LoadNote state={detail.state.value} onRetry={reload} />
      {shown && (
        <>
          <TypeFacts type={shown} />
          <Versions type={shown} onChanged={reload} />
          {compared && <Comparison key={compared} typeId={id} version={compared} />}
          {edited && <EditVersion key={edited} type={shown} from={edited} onSaved={reload} />}
        </>
      )}
    </section>
  );
}

function TypeFacts({ type }: { type: SensorTypeDetail }) {
  return (
    <article class="card" aria-labelledby="facts-title">
      <h3 id="facts-title">{t('facts')}</h3>
      <p lang="en">{type.description}</p>
      <Facts
        facts={[
          [t('colId'), <code key="id">{type.id}</code>],
          [t('activeVersion'), type.version],
          [t('measures'), type.quantities.map(quantityName).join(', ')],
          [t('interval'), type.expectedIntervalS && formatDuration(type.expectedIntervalS)],
          [t('ports'), type.fPorts.join(', ')],
          [
            t('colUsed'),
            <PlaceLink key="devices" to={{ tab: 'devices', q: type.id }}>
              {t('devices', { n: type.devices })}
            </PlaceLink>,
          ],
          [
            t('source'),
            /^https:/.test(type.source) ? (
              <a key="source" href={type.source} rel="noreferrer">
                {type.source}
              </a>
            ) : (
              type.source
            ),
          ],
          [t('licence'), type.licence],
        ]}
      />
      <div class="buttons">
        <PlaceLink
          to={{ tab: 'replays', replay: 'new', type: type.id }}
          class="utrecht-button utrecht-button--secondary-action"
        >
          {t('replay')}
        </PlaceLink>
      </div>
    </article>
  );
}
