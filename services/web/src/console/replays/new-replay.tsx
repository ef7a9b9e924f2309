import { useSignal } from '@preact/signals';
import type { Device, Problem, Replay, SensorTypeDetail } from '@ronde/contracts';
import { serverNow } from '../../shared/live/server-clock.ts';
import { call } from '../../shared/rest.ts';
import { Icon } from '../../shared/ui/icon.tsx';
import { hrefOf, open, param } from '../address.ts';
import { sensorTypes } from '../catalogue.ts';
import { PlaceLink } from '../place-link.tsx';
import { ProblemNote } from '../problem-note.tsx';
import { useLoaded } from '../use-loaded.ts';
import { localTime, replayInputOf, SPANS, type Scope, type Span } from './replay-input.ts';
import { t } from './text.ts';

const SCOPES: readonly Scope[] = ['type', 'device', 'all'];

/** Asks which messages to read again; what follows is a comparison that changes nothing. */
export function NewReplay() {
  const scope = useSignal<Scope>(param('of') ? 'device' : 'type');
  const typeId = useSignal(param('type'));
  const deviceId = useSignal(param('of'));
  const span = useSignal<Span>('all');
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);
  const send = async (form: FormData): Promise<void> => {
    isBusy.value = true;
    const body = replayInputOf(form, serverNow());
    const answer = await call<Replay>('/v1/replays', { method: 'POST', body });
    isBusy.value = false;
    problem.value = answer.ok ? undefined : answer.problem;
    if (answer.ok) open(hrefOf({ tab: 'replays', replay: answer.value.id }));
  };
  const choose = (chosen: Scope): void => {
    scope.value = chosen;
    if (chosen === 'all' && span.value === 'all') span.value = 'week';
  };
  return (
    <section aria-labelledby="new-title">
      <PlaceLink to={{ tab: 'replays' }} class="utrecht-button utrecht-button--subtle back">
        <Icon name="left" /> {t('back')}
      </PlaceLink>
      <h2 id="new-title">{t('startOf')}</h2>
      <form
        class="card replay-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send(new FormData(event.currentTarget));
        }}
      >
        <Choices name="scope" legend={t('scope')} options={SCOPES} chosen={scope.value} onChoose={choose} />
        {scope.value === 'type' && <TypeChoice chosen={typeId.value} onChoose={(id) => (typeId.value = id)} />}
        {scope.value === 'device' && (
          <label>
            {t('device')}
            <input
              class="utrecht-textbox"
              name="deviceId"
              required
              autocomplete="off"
              defaultValue={deviceId.value}
              onChange={(event) => (deviceId.value = event.currentTarget.value.trim())}
            />
          </label>
        )}
        {scope.value !== 'all' && <VersionChoice scope={scope.value} typeId={typeId.value} deviceId={deviceId.value} />}
        <Choices
          name="span"
          legend={t('span')}
          options={SPANS.filter((one) => scope.value !== 'all' || one !== 'all')}
          chosen={span.value}
          onChoose={(chosen) => (span.value = chosen)}
        />
        {span.value === 'own' && <OwnSpan />}
        <div class="buttons">
          <button type="submit" class="utrecht-button utrecht-button--primary-action" disabled={isBusy.value}>
            {t('compare')}
          </button>
          <span class="soft replay-form__note">{t('compareNote')}</span>
        </div>
        <ProblemNote problem={problem.value} />
      </form>
    </section>
  );
}

interface ChoicesProps<K extends 'scope' | 'span', V extends string> {
  name: K;
  legend: string;
  options: readonly V[];
  chosen: V;
  onChoose(value: V): void;
}

function Choices<K extends 'scope' | 'span', V extends (K extends 'scope' ? Scope : Span)>(props: ChoicesProps<K, V>) {
  const { name, legend, options, chosen, onChoose } = props;
  return (
    <fieldset class="choose">
      <legend>{legend}</legend>
      {options.map((one) => (
        <label key={one} class="check">
          <input type="radio" name={name} value={one} checked={chosen === one} onChange={() => onChoose(one)} />
          {t(`${name}_${one}` as `scope_${Scope}` | `span_${Span}`)}
        </label>
      ))}
    </fieldset>
  );
}

function TypeChoice({ chosen, onChoose }: { chosen: string; onChoose(id: string): void }) {
  return (
    <label>
      {t('type')}
      <select
        class="utrecht-textbox"
        name="typeId"
        required
        value={chosen}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        <option value="">{t('choose')}</option>
        {sensorTypes.value.map(({ id, vendor, model }) => (
          <option key={id} value={id}>
            {vendor} {model} ({id})
          </option>
        ))}
      </select>
    </label>
  );
}

/** Versions of the chosen type, or of the type of the chosen device; the one in use when nothing is chosen. */
function VersionChoice({ scope, typeId, deviceId }: { scope: 'type' | 'device'; typeId: string; deviceId: string }) {
  const isDevice = scope === 'device';
  const device = useLoaded<Device>(isDevice && deviceId ? `/v1/devices/${encodeURIComponent(deviceId)}` : undefined);
  const ofType = isDevice ? device.value.value?.typeId : typeId;
  const type = useLoaded<SensorTypeDetail>(ofType ? `/v1/sensor-types/${ofType}` : undefined);
  const shown = ofType ? type.value.value : undefined;
  if (!shown) return null;
  return (
    <label>
      {t('version')}
      <select key={shown.id} class="utrecht-textbox" name="version" defaultValue={param('version')}>
        <option value="">{t('versionActive', { version: shown.version })}</option>
        {shown.versions.map(({ version, origin }) => (
          <option key={version + origin} value={version} selected={version === param('version')}>
            {origin === 'folder' ? t('versionBuiltIn', { version }) : version}
          </option>
        ))}
      </select>
    </label>
  );
}

function OwnSpan() {
  const nowMs = serverNow();
  return (
    <div class="form">
      {(['from', 'to'] as const).map((name) => (
        <label key={name}>
          {t(name)}
          <input
            class="utrecht-textbox"
            type="datetime-local"
            name={name}
            required
            defaultValue={localTime(nowMs - (name === 'from' ? 86_400_000 : 0))}
          />
        </label>
      ))}
    </div>
  );
}
