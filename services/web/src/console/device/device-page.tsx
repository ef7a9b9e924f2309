import { useEffect, useRef } from 'preact/hooks';
import type { Device, DeviceHealth } from '@ronde/contracts';
import { formatDay, formatDuration } from '../../shared/i18n/format.ts';
import { healthName } from '../../shared/i18n/issue-text.ts';
import { Icon } from '../../shared/ui/icon.tsx';
import { loadQuantities } from '../catalogue.ts';
import { LoadNote } from '../load-state.tsx';
import { PlaceLink } from '../place-link.tsx';
import { useLoaded } from '../use-loaded.ts';
import { AccessCard } from './access-card.tsx';
import { DevicePlace } from './device-place.tsx';
import { Downlinks } from './downlinks.tsx';
import { Facts } from './facts.tsx';
import { HealthCard } from './health-card.tsx';
import { InstallTestCard } from './install-test-card.tsx';
import { LinkCard } from './link-card.tsx';
import { ReadingsCard } from './readings-card.tsx';
import { statusName, t } from './text.ts';
import './device.css';

const EVERY_MS = 10_000;

/** Everything of one device: what it is, where it hangs, how it does, what it was told, and what it says. */
export function DevicePage({ id }: { id: string }) {
  const device = useLoaded<Device>(`/v1/devices/${id}`, EVERY_MS);
  const health = useLoaded<DeviceHealth>(`/v1/devices/${id}/health`, EVERY_MS);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    void loadQuantities();
  }, [id]);
  const shown = device.value.value;
  const reload = (): void => void Promise.all([device.reload(), health.reload()]);
  return (
    <section class="device" aria-labelledby="device-title">
      <PlaceLink to={{ device: '' }} from="here" class="utrecht-button utrecht-button--subtle back">
        <Icon name="left" /> {t('back')}
      </PlaceLink>
      <div class="device__head">
        <h2 id="device-title" ref={heading} tabIndex={-1}>
          {shown?.name ?? id}
        </h2>
        {shown && <span class="badge">{statusName(shown.status)}</span>}
        {health.value.value && (
          <span class={`badge badge--${health.value.value.status}`}>{healthName(health.value.value.status)}</span>
        )}
        <button
          type="button"
          class="utrecht-button utrecht-button--secondary-action"
          onClick={() => document.getElementById('install-title')?.scrollIntoView()}
        >
          {t('installTest')}
        </button>
      </div>
      <LoadNote state={device.state.value} onRetry={reload} />
      {shown && (
        <div class="device__cards">
          <HealthCard device={shown} health={health} onChanged={reload} />
          <DevicePlace device={shown} onChanged={reload} />
          <InstallTestCard deviceId={id} />
          <Identity device={shown} />
          <AccessCard device={shown} onChanged={reload} />
          <Downlinks deviceId={id} />
          <ReadingsCard deviceId={id} />
          <LinkCard deviceId={id} />
        </div>
      )}
    </section>
  );
}

function Identity({ device }: { device: Device }) {
  const { id, typeId, externalIds = {}, joinEui, serialNumber, integrationId, tags } = device;
  return (
    <article class="card" aria-labelledby="identity-title">
      <h3 id="identity-title">{t('identity')}</h3>
      <Facts
        facts={[
          [t('id'), id],
          [
            t('type'),
            <PlaceLink key="type" to={{ tab: 'types', type: typeId }}>
              {typeId}
            </PlaceLink>,
          ],
          [t('devEui'), externalIds.devEui && <code key="eui">{externalIds.devEui}</code>],
          [t('imei'), externalIds.imei && <code key="imei">{externalIds.imei}</code>],
          [t('networkId'), externalIds.networkId && <code key="net">{externalIds.networkId}</code>],
          [t('joinEui'), joinEui && <code key="join">{joinEui}</code>],
          [t('serial'), serialNumber],
          [t('integration'), integrationId],
          [t('tags'), tags?.join(', ')],
          [t('interval'), device.expectedIntervalS && formatDuration(device.expectedIntervalS)],
          [t('made'), formatDay(Date.parse(device.createdAt))],
        ]}
      />
      <div class="buttons">
        <PlaceLink
          to={{ tab: 'replays', replay: 'new', of: id }}
          class="utrecht-button utrecht-button--secondary-action"
        >
          {t('replay')}
        </PlaceLink>
      </div>
    </article>
  );
}
