import { showToast } from '../shared/ui/toast.tsx';
import { t } from './text.ts';

const post = (path: string, token: string, body: string): string =>
  `curl -X POST "${location.origin}${path}" -H "Authorization: Bearer ${token}" -H "content-type: application/json" -d '${body}'`;

const EXAMPLE_ASSET = post(
  '/v1/assets',
  '<token>',
  '{"id":"bin-1","kind":"litter-bin","name":"Neude 1","geometry":{"type":"Point","coordinates":[5.118,52.093]}}',
);
const EXAMPLE_UPLINK = post('/v1/uplinks/native', '<integration secret>', '{"deviceId":"sensor-1","fill":0.42}');

/** What a new city sees: three steps, each with the command to copy. */
export function FirstRun() {
  return (
    <main id="content" class="first-run" tabIndex={-1}>
      <h1>{t('firstTitle')}</h1>
      <p>{t('firstText')}</p>
      <ol>
        <Step title={t('firstImport')} command={EXAMPLE_ASSET} />
        <Step title={t('firstConnect')} command={EXAMPLE_UPLINK} />
        <Step title={t('firstSim')} command="DEMO=on DATA_DIR=./demo npm start" />
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
