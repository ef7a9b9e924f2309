import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { streetCredit } from '../live/round-lines.ts';
import { shared } from '../i18n/shared-text.ts';
import { theme } from '../theme.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { MapHandle, MapOptions } from './open-map.ts';
import './map-frame.css';

export type MapAbsence = 'no-webgl2' | 'fault';

interface MapFrameProps extends MapOptions {
  /** The map stands: draw on it. What it returns is called before the map closes. */
  onOpen(map: MapHandle): (() => void) | void;
  /** No map on this machine: show the list in full width, with the reason. */
  onAbsent?(reason: MapAbsence): void;
  onFit?(): void;
  children?: ComponentChildren;
}

const PAN_PX = 160;

/** Tells whether this browser can draw the map at all. */
export function hasWebGl2(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

/** Holds the map: loads MapLibre only when shown, gives buttons for all it can do by dragging, and says why when it cannot. */
export function MapFrame({ onOpen, onAbsent, onFit, children, ...options }: MapFrameProps) {
  const container = useRef<HTMLDivElement>(null);
  const map = useRef<MapHandle>(undefined);
  const status = useSignal<'loading' | 'open' | MapAbsence>('loading');
  useEffect(() => {
    let isGone = false;
    let undraw: (() => void) | void;
    const fail = (reason: MapAbsence): void => {
      status.value = reason;
      onAbsent?.(reason);
    };
    const open = async (): Promise<void> => {
      if (!hasWebGl2()) return fail('no-webgl2');
      try {
        const { openMap } = await import('./open-map.ts');
        if (isGone || !container.current) return;
        const opened = await openMap(container.current, options);
        if (isGone) return opened.close();
        map.current = opened;
        undraw = onOpen(opened);
        status.value = 'open';
      } catch {
        fail('fault');
      }
    };
    void open();
    return () => {
      isGone = true;
      undraw?.();
      map.current?.close();
    };
  }, []);
  useEffect(() => theme.subscribe(() => queueMicrotask(() => map.current?.recolour())), []);
  const isAbsent = status.value === 'no-webgl2' || status.value === 'fault';
  return (
    <div class="map-frame">
      <div ref={container} class="map-frame__canvas" hidden={isAbsent} />
      {status.value === 'loading' && (
        <p class="map-frame__note" role="status">
          {shared('mapLoading')}
        </p>
      )}
      {isAbsent && (
        <p class="map-frame__note utrecht-alert utrecht-alert--warning" role="status">
          {shared(status.value === 'no-webgl2' ? 'mapNoWebGl' : 'mapFault')}
        </p>
      )}
      {status.value === 'open' && <MapButtons map={() => map.current} {...(onFit && { onFit })} />}
      {streetCredit.value && (
        <a class="map-frame__credit" href="https://www.openstreetmap.org/copyright" target="_blank" rel="noreferrer">
          {streetCredit.value}
        </a>
      )}
      {children}
    </div>
  );
}

interface MapButtonsProps {
  map(): MapHandle | undefined;
  onFit?(): void;
}

// Dragging is never the only way [WCAG 2.5.7].
function MapButtons({ map, onFit }: MapButtonsProps) {
  return (
    <div class="map-frame__buttons">
      <MapButton icon="plus" label={shared('mapZoomIn')} onPress={() => map()?.zoomBy(1)} />
      <MapButton icon="minus" label={shared('mapZoomOut')} onPress={() => map()?.zoomBy(-1)} />
      {onFit && <MapButton icon="fit" label={shared('mapFit')} onPress={onFit} />}
      <MapButton icon="up" label={shared('mapNorth')} onPress={() => map()?.panBy(0, -PAN_PX)} />
      <MapButton icon="left" label={shared('mapWest')} onPress={() => map()?.panBy(-PAN_PX, 0)} />
      <MapButton icon="right" label={shared('mapEast')} onPress={() => map()?.panBy(PAN_PX, 0)} />
      <MapButton icon="down" label={shared('mapSouth')} onPress={() => map()?.panBy(0, PAN_PX)} />
    </div>
  );
}

function MapButton({ icon, label, onPress }: { icon: IconName; label: string; onPress(): void }) {
  return (
    <button type="button" class="map-frame__button" aria-label={label} title={label} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}
