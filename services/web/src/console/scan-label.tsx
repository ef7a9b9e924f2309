import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { DeviceLabelFound, Problem } from '@ronde/contracts';
import { call } from '../shared/rest.ts';
import { PlaceLink } from './place-link.tsx';
import { ProblemNote } from './problem-note.tsx';
import { t } from './text.ts';

/** The browser's own reader of codes; not every browser has one. */
interface CodeReader {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type CodeReaderMaker = new (options: { formats: string[] }) => CodeReader;
const Detector = (globalThis as { BarcodeDetector?: CodeReaderMaker }).BarcodeDetector;

const LOOK_EVERY_MS = 250;
/** A scanner types a whole label and an Enter; who types by hand or pastes presses the button. */
export function ScanLabel({ onFound }: { onFound(found: DeviceLabelFound): void }) {
  const id = useId();
  const text = useSignal('');
  const found = useSignal<DeviceLabelFound | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isLooking = useSignal(false);
  const read = async (label: string): Promise<void> => {
    text.value = label;
    isLooking.value = false;
    const answer = await call<DeviceLabelFound>('/v1/device-labels', { method: 'POST', body: { text: label } });
    problem.value = answer.ok ? undefined : answer.problem;
    found.value = answer.ok ? answer.value : undefined;
    if (answer.ok) onFound(answer.value);
  };
  return (
    <form
      class="scan add__wide"
      onSubmit={(event) => {
        event.preventDefault();
        void read(text.value);
      }}
    >
      <div class="field">
        <label for={id}>{t('scanLabel')}</label>
        <input
          id={id}
          class="utrecht-textbox"
          autocomplete="off"
          spellcheck={false}
          required
          placeholder="LW:D0:…"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </div>
      <button type="submit" class="utrecht-button utrecht-button--secondary-action">
        {t('scanRead')}
      </button>
      {Detector && (
        <button
          type="button"
          class="utrecht-button utrecht-button--secondary-action"
          aria-expanded={isLooking.value}
          onClick={() => (isLooking.value = !isLooking.value)}
        >
          {t('scanCamera')}
        </button>
      )}
      {isLooking.value && Detector && <Camera Reader={Detector} onText={(label) => void read(label)} />}
      <ProblemNote problem={problem.value} />
      {found.value && <Found found={found.value} />}
    </form>
  );
}

/** What is known of the device on the label. */
function Found({ found: { label, device, unknownDevice } }: { found: DeviceLabelFound }) {
  const name = label.devEui ?? label.serialNumber ?? '';
  return (
    <p role="status">
      {device ? (
        <>
          {t('scanKnown', { name })} <PlaceLink to={{ tab: 'devices', device: device.id }}>{device.id}</PlaceLink>
        </>
      ) : unknownDevice ? (
        <>
          {t('scanHeard', { name })} <PlaceLink to={{ tab: 'unknown' }}>{t('tabUnknown')}</PlaceLink>
        </>
      ) : (
        t('scanFilled', { name })
      )}
    </p>
  );
}

/** Looks through the camera until there is a code; stops the camera when it goes. */
function Camera({ Reader, onText }: { Reader: CodeReaderMaker; onText(text: string): void }) {
  const video = useRef<HTMLVideoElement>(null);
  const fault = useSignal('');
  useEffect(() => {
    let stream: MediaStream | undefined;
    let timer: ReturnType<typeof setInterval> | undefined;
    let isGone = false;
    const stop = (): void => {
      isGone = true;
      clearInterval(timer);
      stream?.getTracks().forEach((track) => track.stop());
    };
    const start = async (): Promise<void> => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
      const element = video.current;
      if (isGone || !element) return stop();
      element.srcObject = stream;
      await element.play();
      const reader = new Reader({ formats: ['qr_code', 'data_matrix', 'code_128'] });
      timer = setInterval(() => {
        reader.detect(element).then(
          ([code]) => code && onText(code.rawValue),
          // a frame that cannot be read is followed by another
          () => undefined,
        );
      }, LOOK_EVERY_MS);
    };
    start().catch((cause: unknown) => (fault.value = cause instanceof Error ? cause.message : String(cause)));
    return stop;
  }, []);
  if (fault.value) return <p role="alert">{t('scanNoCamera', { detail: fault.value })}</p>;
  return <video ref={video} class="scan__video" muted playsInline aria-label={t('scanCamera')} />;
}
