import { showToast } from '../shared/ui/toast.tsx';
import { t } from './text.ts';

const EXAMPLE_UPLINK = `curl -X POST "${location.origin}/v1/uplinks/native" -H "Authorization: Bearer <integration secret>" -H "content-type: application/json" -d '{"deviceId":"bin-1","fill":0.42}'`;

/** What a new city sees: three steps, each with the command to copy. */
export function FirstRun() {
  return (
    <main id="content" class="first-run" tabIndex={-1}>
      <h1>{t('firstTitle')}</h1>
      <p>{t('firstText')}</p>
      <ol>
        <Step title={t('firstImport')} command="npx --no ronde import assets bins.csv --dry-run" />
        <Step title={t('firstConnect')} command={EXAMPLE_UPLINK} />
        <Step title={t('firstSim')} command="npx --no ronde sim --devices 200" />
      </ol>
    </main>
  );
}

function Step({ title, command }: { title: string; command: string }) {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command);
    showToast(t('copied'));
  };
  return (
    <li>
      <h2>{title}</h2>
      <div class="first-run__command">
        <code>{command}</code>
        <button type="button" class="utrecht-button utrecht-button--secondary-action" onClick={() => void copy()}>
          {t('copy')}
        </button>
      </div>
    </li>
  );
}
