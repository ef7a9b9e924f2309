import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { language } from '../shared/i18n/language.ts';
import { Drawer } from '../shared/ui/dialog.tsx';
import { SignIn } from '../shared/ui/sign-in.tsx';
import { SkipLink } from '../shared/ui/skip-link.tsx';
import { Toasts } from '../shared/ui/toast.tsx';
import { startShortcuts } from '../shared/ui/shortcuts.ts';
import { BinDrawer } from './bin-drawer.tsx';
import { FirstRun } from './first-run.tsx';
import { KpiStrip } from './kpi-strip.tsx';
import { LinkBar } from './link-bar.tsx';
import { MapPane } from './map-pane.tsx';
import { Rail } from './rail.tsx';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { opsShortcuts } from './shortcuts.ts';
import { assets, assetsStatus, link, startOps } from './state.ts';
import { t } from './text.ts';
import { TopBar } from './top-bar.tsx';
import { show, startView, view } from './view.ts';
import './ops.css';

/** The operations screen: bar, key figures, map on the left, lists or one bin on the right. */
export function OpsScreen() {
  const isHelpOpen = useSignal(false);
  const hasMap = useSignal(true);
  useEffect(() => {
    const stops = [
      startView(),
      startOps(),
      startShortcuts(opsShortcuts({ openHelp: () => (isHelpOpen.value = true) })),
    ];
    return () => stops.forEach((stop) => stop());
  }, []);
  useEffect(() => {
    document.title = `${t('title')} · Ronde`;
  }, [language.value]);
  if (link.value.kind === 'refused' || isRefused()) return <SignIn app="ops" wasRefused />;
  const isEmpty = assetsStatus.value === 'ready' && (assets.documents.value, assets.count() === 0);
  return (
    <div class="ops">
      <SkipLink />
      <TopBar onHelp={() => (isHelpOpen.value = true)} />
      <LinkBar />
      {isEmpty ? (
        <FirstRun />
      ) : (
        <main id="content" class={`ops__main${hasMap.value ? '' : ' ops__main--list-only'}`} tabIndex={-1}>
          <h1 class="visually-hidden">{t('title')}</h1>
          <KpiStrip />
          <section class="ops__map" aria-label={t('mapRegion')}>
            <MapPane onAbsent={() => (hasMap.value = false)} />
          </section>
          <section class="ops__rail" aria-label={t('railTabs')}>
            {/* The lists stay alive under the drawer: scroll, focus and filters are as they were after closing. */}
            <div class="ops__lists" hidden={view.value.selected !== ''}>
              <Rail />
            </div>
            {view.value.selected !== '' && <OpenBin key={view.value.selected} id={view.value.selected} />}
          </section>
        </main>
      )}
      {isHelpOpen.value && <ShortcutsDialog onClose={() => (isHelpOpen.value = false)} />}
      <Toasts />
    </div>
  );
}

function OpenBin({ id }: { id: string }) {
  void assets.documents.value;
  const index = assets.indexOf(id);
  const close = (): void => show({ selected: '' });
  const title = index === undefined ? id : assets.asset(index).name;
  return (
    <Drawer title={title} onClose={close}>
      {index === undefined || assets.isGone(index) ? (
        <p role="status">{t(assetsStatus.value === 'loading' ? 'loading' : 'binGone')}</p>
      ) : (
        <BinDrawer index={index} />
      )}
    </Drawer>
  );
}

function isRefused(): boolean {
  const status = assetsStatus.value;
  return typeof status === 'object' && status.status === 401;
}
