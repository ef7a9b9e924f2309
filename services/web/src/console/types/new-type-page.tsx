import type { SensorTypeFiles } from '@ronde/contracts';
import { Icon } from '../../shared/ui/icon.tsx';
import { hrefOf, open } from '../address.ts';
import { LoadNote } from '../load-state.tsx';
import { PlaceLink } from '../place-link.tsx';
import { useLoaded } from '../use-loaded.ts';
import { Editor } from './editor.tsx';
import { lineOf } from './next-version.ts';
import { t } from './text.ts';

const FIRST_VERSION = '1.0.0';
/** Value of the address for a type that comes from nothing. */
const FROM_NOTHING = 'new';

/** The editor for a type that is not there yet: empty, or drafted from what an unknown device sent. */
export function NewTypePage({ from }: { from: string }) {
  const isDrafted = from !== FROM_NOTHING;
  const draft = useLoaded<SensorTypeFiles>(isDrafted ? `/v1/unknown-devices/${from}/type-draft` : undefined);
  const files = isDrafted ? draft.value.value : EMPTY;
  return (
    <section aria-labelledby="new-type-title">
      <PlaceLink to={{ tab: 'types' }} class="utrecht-button utrecht-button--subtle back">
        <Icon name="left" /> {t('back')}
      </PlaceLink>
      <h2 id="new-type-title">{t('editorNew')}</h2>
      {isDrafted && <LoadNote state={draft.state.value} onRetry={() => void draft.reload()} />}
      {files && (
        <Editor
          title={isDrafted ? t('editorDraft', { name: from }) : t('editor')}
          files={files}
          typeId={lineOf(files.sensorYaml, 'id')}
          version={lineOf(files.sensorYaml, 'version') || FIRST_VERSION}
          isNew
          onClose={() => open(hrefOf({ tab: 'types' }))}
          onSaved={(typeId) => open(hrefOf({ tab: 'types', type: typeId }))}
        />
      )}
    </section>
  );
}

const EMPTY: SensorTypeFiles = {
  sensorYaml: `id: vendor-model
version: ${FIRST_VERSION}
vendor: Vendor
model: Model
description: What it measures, and how
fPorts: [1]
expectedInterval: PT1H
codec: codec.js
measurements:
  distance: { from: distance, unit: mm }
source: Data sheet, version, page
licence: EUPL-1.2
`,
  codecJs: `function decodeUplink(input) {
  return { data: { distance: input.bytes[0] * 256 + input.bytes[1] } };
}
`,
  examplesYaml: `- description: An example of the data sheet
  input: { fPort: 1, hex: '04d2' }
  output: { data: { distance: 1234 } }
  canonical:
    - { quantity: distance, value: 1.234, unit: m, quality: ok, flags: [] }
`,
};
