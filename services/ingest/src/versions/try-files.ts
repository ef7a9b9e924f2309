import type { DeviceRecord, TryInput, TryResult } from '@ronde/contracts';
import type { Trial } from '@ronde/sensor-types';
import { checkFiles } from './check-files.ts';
import { interpretFor } from './interpret.ts';

/** Reads frames with files that nobody published: what the codec gives, what the mapping makes of it, what would be stored. */
export async function tryFiles({ files, frames, mounting }: TryInput, trial: Trial, nowMs: number): Promise<TryResult> {
  const { type, faults, examples } = await checkFiles(files, trial);
  // an example that fails is a fault of a publication, and a reason to try frames
  const told = faults.map(({ field, message }) => ({ field, message }));
  if (!type) return { faults: told, examples, frames: [] };
  const inputs = frames.map(({ hex, fPort, recvTime }) => ({
    bytes: Uint8Array.from(Buffer.from(hex, 'hex')),
    fPort,
    recvTime: recvTime === undefined ? new Date(nowMs).toISOString() : new Date(recvTime).toISOString(),
  }));
  const results = await trial.decodeBatch(inputs.map((input) => ({ type, input })));
  const device: DeviceRecord = {
    id: 'imagined',
    typeId: type.manifest.id,
    createdAt: new Date(0).toISOString(),
    secretHash: '',
    ...(mounting && { assetId: 'imagined', mounting }),
  };
  return {
    faults: told,
    examples,
    frames: results.map((result, index) => {
      const written = interpretFor(device, type, { result, atMs: Date.parse(inputs[index]!.recvTime) });
      return {
        ok: result.ok,
        data: result.ok ? result.data : null,
        errors: result.ok ? [] : result.errors,
        warnings: result.ok ? result.warnings : [],
        normalised: result.ok ? result.values : [],
        written: written.ok
          ? written.values.map(({ atMs: _at, assetId: _asset, mounting: _mounting, ...value }) => value)
          : [],
      };
    }),
  };
}
