import type { Device, MountInput } from '@ronde/contracts';
import { Field, number, text } from '../field.tsx';
import { t } from './text.ts';

/** Fields of a place: the bin, its chamber, the distances. */
export function MountFields({ device }: { device: Pick<Device, 'chamber' | 'mounting'> }) {
  return (
    <>
      <Field name="assetId" label={t('fieldAsset')} isRequired />
      <Field name="chamber" label={t('fieldChamber')} />
      <Field name="emptyDistanceM" label={t('fieldEmpty')} type="number" value={device.mounting?.emptyDistanceM} />
      <Field name="fullDistanceM" label={t('fieldFull')} type="number" value={device.mounting?.fullDistanceM} />
      <label class="check form__wide">
        <input type="checkbox" name="allowShared" />
        {t('sharedAnyway')}
      </label>
    </>
  );
}

/** Reads the fields; empty ones are left out. */
export function mountOf(form: Pick<FormData, 'get'>): MountInput {
  const [chamber, empty, full] = [text(form, 'chamber'), number(form, 'emptyDistanceM'), number(form, 'fullDistanceM')];
  return {
    assetId: text(form, 'assetId'),
    ...(chamber && { chamber }),
    ...(empty !== undefined && { mounting: { emptyDistanceM: empty, fullDistanceM: full ?? 0 } }),
    ...(form.get('allowShared') !== null && { allowShared: true }),
  };
}
