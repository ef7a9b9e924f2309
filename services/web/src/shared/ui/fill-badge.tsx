import { BAND_COLOUR, bandOf, type Band } from '../bands.ts';
import { formatPercent } from '../i18n/format.ts';
import { bandName, shared } from '../i18n/shared-text.ts';
import './fill-badge.css';

const RING = 'var(--ronde-ring)';

/** Draws the shape of a band: circle, larger circle, diamond, square with "!", hollow circle. */
export function BandShape({ band, size = 20 }: { band: Band; size?: number }) {
  const paint = { fill: BAND_COLOUR[band], stroke: RING, 'stroke-width': 2 };
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false" class="band-shape">
      {band === 'low' && <circle cx="12" cy="12" r="6.5" {...paint} />}
      {band === 'medium' && <circle cx="12" cy="12" r="9" {...paint} />}
      {band === 'high' && <path d="M12 1.8L22.2 12 12 22.2 1.8 12z" {...paint} />}
      {band === 'full' && (
        <>
          <rect x="2.5" y="2.5" width="19" height="19" {...paint} />
          <path d="M12 6.5v6.5M12 16.5v.8" stroke="#fff" stroke-width="3" stroke-linecap="round" />
        </>
      )}
      {band === 'unknown' && (
        <circle cx="12" cy="12" r="7" fill="none" stroke={RING} stroke-width="2" stroke-dasharray="3 3" />
      )}
    </svg>
  );
}

/** A fill as shape and number; hatched when the sensor is silent, so old values never look fresh. */
export function FillBadge({ fill, isStale = false }: { fill: number | null; isStale?: boolean }) {
  const band = bandOf(fill);
  return (
    <span class={`fill-badge${isStale ? ' fill-badge--stale' : ''}`} title={bandName(band)}>
      <BandShape band={band} />
      <span class="numeric">{fill === null ? shared('fillUnknown') : formatPercent(fill)}</span>
    </span>
  );
}
