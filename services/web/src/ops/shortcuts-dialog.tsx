import { Dialog } from '../shared/ui/dialog.tsx';
import { areShortcutsOn, setShortcutsOn } from '../shared/ui/shortcuts.ts';
import { t } from './text.ts';

const KEYS = [
  ['/', 'keySearch'],
  ['g m', 'keyMap'],
  ['g a', 'keyAlarms'],
  ['g b', 'keyBins'],
  ['g r', 'keyRounds'],
  ['j  k', 'keyRows'],
  ['Enter', 'keyOpen'],
  ['a', 'keyAcknowledge'],
  ['s', 'keyShelve'],
  ['f', 'keyFit'],
  ['Esc', 'keyClose'],
  ['?', 'keyHelp'],
] as const;

/** The keys of this screen, and the switch that turns them off. */
export function ShortcutsDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={t('shortcutsTitle')} onClose={onClose}>
      <label class="check">
        <input
          type="checkbox"
          checked={areShortcutsOn.value}
          onChange={(event) => setShortcutsOn(event.currentTarget.checked)}
        />
        {t('shortcutsOn')}
      </label>
      <dl class="keys">
        {KEYS.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
