import { useEffect } from 'preact/hooks';
import type { SensorTypeDetail, SensorTypeFiles } from '@ronde/contracts';
import { adjust } from '../address.ts';
import { LoadNote } from '../load-state.tsx';
import { useLoaded } from '../use-loaded.ts';
import { Editor } from './editor.tsx';
import { nextVersion } from './next-version.ts';
import { t } from './text.ts';

interface EditVersionProps {
  type: SensorTypeDetail;
  from: string;
  onSaved(): void;
}

/** The editor, filled with the files of one version of the type. */
export function EditVersion({ type, from, onSaved }: EditVersionProps) {
  const files = useLoaded<SensorTypeFiles>(`/v1/sensor-types/${type.id}/versions/${from}/files`);
  const taken = type.versions.map(({ version }) => version);
  useEffect(() => document.getElementById('editor-title')?.scrollIntoView(), [files.value.value]);
  return (
    <>
      <LoadNote state={files.state.value} onRetry={() => void files.reload()} />
      {files.value.value && (
        <Editor
          title={t('editorFrom', { version: from })}
          files={files.value.value}
          typeId={type.id}
          version={nextVersion(taken[0] ?? from, taken)}
          onClose={() => adjust({ edit: '' })}
          onSaved={() => {
            adjust({ edit: '' });
            onSaved();
            document.getElementById('versions-title')?.scrollIntoView();
          }}
        />
      )}
    </>
  );
}
