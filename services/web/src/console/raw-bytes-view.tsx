import { showToast } from '../shared/ui/toast.tsx';
import { bytesOf, hexOf, textOf } from './raw-bytes.ts';
import { t } from './text.ts';

/** The bytes as they came over the wire: as text when they are, as hex and as base64 always. */
export function RawBytes({ base64 }: { base64: string }) {
  const bytes = bytesOf(base64);
  const text = bytes && textOf(bytes);
  return (
    <>
      {text !== undefined && <Raw name={t('rawText')} value={text} />}
      {bytes && <Raw name={t('rawHex')} value={hexOf(bytes)} />}
      <Raw name={t('rawBase64')} value={base64} />
    </>
  );
}

function Raw({ name, value }: { name: string; value: string }) {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    showToast(t('copied'));
  };
  return (
    <figure class="raw">
      <figcaption>{name}</figcaption>
      <pre tabIndex={0} aria-label={name}>
        {value}
      </pre>
      <button
        type="button"
        class="utrecht-button utrecht-button--subtle"
        aria-label={`${t('copy')}: ${name}`}
        onClick={() => void copy()}
      >
        {t('copy')}
      </button>
    </figure>
  );
}
