import type { DeviceInput } from '@ronde/contracts';
import { number, text } from './field.tsx';

/** Reads the form; empty fields are left out. */
export function deviceInputOf(form: Pick<FormData, 'get'>): DeviceInput {
  const [devEui, joinEui] = [text(form, 'devEui').toLowerCase(), text(form, 'joinEui').toLowerCase()];
  const [serialNumber, assetId] = [text(form, 'serialNumber'), text(form, 'assetId')];
  const emptyDistanceM = number(form, 'emptyDistanceM');
  return {
    id: text(form, 'id'),
    typeId: text(form, 'typeId'),
    ...(devEui && { externalIds: { devEui } }),
    ...(joinEui && { joinEui }),
    ...(serialNumber && { serialNumber }),
    ...(assetId && { assetId }),
    ...(emptyDistanceM !== undefined && {
      mounting: { emptyDistanceM, fullDistanceM: number(form, 'fullDistanceM') ?? 0 },
    }),
  };
}
