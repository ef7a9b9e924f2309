import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem, SensorTypeFiles, TryResult } from '@ronde/contracts';
import { call } from '../../shared/rest.ts';
import { param } from '../address.ts';
import { Field } from '../field.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { CodeArea } from './code-area.tsx';
import { hexLines } from './hex-lines.ts';
import { firstPort } from './next-version.ts';
import { t } from './text.ts';
import { TriedView } from './tried-view.tsx';

/** A pause in typing this long is a wish to see. */
const PAUSE_MS = 500;
const LAST_FRAMES = 20;

interface Frame {
  fPort: number;
  hex: string;
  recvTime?: string;
}

/** What the files make of frames, on each pause in typing: decoded, what it means, what would be stored. */
export function TryPane({ files }: { files: SensorTypeFiles }) {
  const hex = useSignal('');
  const port = useSignal(String(firstPort(files.sensorYaml)));
  const distances = useSignal({ emptyDistanceM: 1.5, fullDistanceM: 0.3 });
  const fetched = useSignal<readonly Frame[]>([]);
  const result = useSignal<TryResult | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const typed = hexLines(hex.value);
  const frames: readonly Frame[] = [
    ...typed.frames.map((digits) => ({ fPort: Number(port.value) || 0, hex: digits })),
    ...fetched.value,
  ];
  const asked = JSON.stringify({ files, frames, mounting: distances.value });
  useEffect(() => {
    const left = new AbortController();
    const timer = setTimeout(async () => {
      const answer = await call<TryResult>('/v1/sensor-types/try', {
        method: 'POST',
        body: JSON.parse(asked) as unknown,
        signal: left.signal,
      });
      if (left.signal.aborted) return;
      problem.value = answer.ok ? undefined : answer.problem;
      if (answer.ok) result.value = answer.value;
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      left.abort();
    };
  }, [asked]);
  return (
    <section class="try" aria-labelledby="try-title">
      <h4 id="try-title">{t('tryTitle')}</h4>
      <p class="soft">{t('tryIntro')}</p>
      <div class="try__ask">
        <CodeArea label={t('hex')} rows={4} value={hex.value} onInput={(text) => (hex.value = text)} />
        <form
          class="form try__fields"
          onInput={(event) => {
            const form = new FormData(event.currentTarget);
            port.value = String(form.get('port'));
            const [empty, full] = [Number(form.get('empty')), Number(form.get('full'))];
            if (empty > full) distances.value = { emptyDistanceM: empty, fullDistanceM: full };
          }}
          onSubmit={(event) => event.preventDefault()}
        >
          <Field name="port" label={t('port')} type="number" value={port.peek()} min={0} max={255} step={1} />
          <Field name="empty" label={t('empty')} type="number" value={1.5} max={20} />
          <Field name="full" label={t('full')} type="number" value={0.3} max={20} />
        </form>
        <FromDevice onFrames={(found) => (fetched.value = found)} />
      </div>
      {typed.faultAt !== undefined && (
        <p class="field__error" role="alert">
          {t('hexFault', { n: typed.faultAt })}
        </p>
      )}
      <ProblemNote problem={problem.value} />
      {result.value && <TriedView result={result.value} frames={frames} />}
    </section>
  );
}

/** Takes the last frames that a device really sent. */
function FromDevice({ onFrames }: { onFrames(frames: Frame[]): void }) {
  const problem = useSignal<Problem | undefined>(undefined);
  const isEmpty = useSignal(false);
  const take = async (id: string): Promise<void> => {
    const answer = await call<{ items: { at: string; fPort: number | null; hex: string }[] }>(
      `/v1/devices/${encodeURIComponent(id)}/frames?limit=${LAST_FRAMES}`,
    );
    problem.value = answer.ok ? undefined : answer.problem;
    if (!answer.ok) return;
    isEmpty.value = answer.value.items.length === 0;
    onFrames(answer.value.items.map(({ at, fPort, hex }) => ({ fPort: fPort ?? 0, hex, recvTime: at })));
  };
  return (
    <form
      class="form try__fields"
      onSubmit={(event) => {
        event.preventDefault();
        void take(String(new FormData(event.currentTarget).get('device')).trim());
      }}
    >
      <Field name="device" label={t('fromDevice')} value={param('device')} isRequired />
      <button type="submit" class="utrecht-button utrecht-button--secondary-action try__take">
        {t('lastFrames')}
      </button>
      {isEmpty.value && <p role="status">{t('framesNone')}</p>}
      <ProblemNote problem={problem.value} />
    </form>
  );
}
