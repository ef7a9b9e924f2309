import { vendorOfDevEui, type UnknownDevice } from '@ronde/contracts';
import { openTrial, type LoadedType, type SensorTypes, type Trial, type TypeDecodeResult } from '@ronde/sensor-types';

/** Says which sensor types could read what an unknown device sent, likeliest first. */
export interface TypeSuggester {
  suggest(device: UnknownDevice): Promise<string[]>;
  close(): Promise<void>;
}

const MAX_SUGGESTIONS = 5;
const MAX_REMEMBERED = 1_000;
/** Items of one crossing into the sandbox, so that a request waits for a share of it only. */
const CHUNK = 200;

/**
 * Creates a suggester. It runs in a sandbox of its own: a codec that chokes on a stranger's bytes must not be paused for
 * the devices that really are of its type.
 */
export function createTypeSuggester(types: Pick<SensorTypes, 'get' | 'list'>): TypeSuggester {
  let trial: Promise<Trial> | undefined;
  const known = new Map<string, string[]>();
  let knownFor = '';
  const decodeAll = async (items: Attempt[]): Promise<TypeDecodeResult[]> => {
    const { decodeBatch } = await (trial ??= openTrial());
    const results: TypeDecodeResult[] = [];
    for (let from = 0; from < items.length; from += CHUNK)
      results.push(...(await decodeBatch(items.slice(from, from + CHUNK))));
    return results;
  };
  return {
    async suggest(device) {
      const installed = types.list().flatMap(({ id }) => types.get(id) ?? []);
      const versions = installed.map(({ manifest }) => `${manifest.id}@${manifest.version}`).join();
      if (versions !== knownFor) known.clear();
      knownFor = versions;
      const key = JSON.stringify([device.name, device.samples]);
      const before = known.get(key);
      if (before) return before;
      const found = await rank(device, installed, decodeAll);
      if (known.size >= MAX_REMEMBERED) known.delete(known.keys().next().value!);
      known.set(key, found);
      return found;
    },
    close: async () => void (await trial)?.close(),
  };
}

interface Attempt {
  type: LoadedType;
  input: { bytes: Uint8Array; fPort: number; recvTime: string };
}

async function rank(
  device: UnknownDevice,
  installed: readonly LoadedType[],
  decodeAll: (items: Attempt[]) => Promise<TypeDecodeResult[]>,
): Promise<string[]> {
  const samples = device.samples.filter(({ hex }) => hex !== '');
  // values came by name: what needs no codec can take them
  if (samples.length === 0) return installed.filter(({ codec }) => codec === null).map(({ manifest }) => manifest.id);
  const ports = new Set(samples.map(({ fPort }) => fPort));
  const candidates = installed.filter(({ codec, manifest }) => codec !== null && fitsPort(manifest.fPorts, ports));
  const items = candidates.flatMap((type) =>
    samples.map(({ at, fPort, hex }) => ({
      type,
      input: { bytes: Uint8Array.from(Buffer.from(hex, 'hex')), fPort: fPort ?? 0, recvTime: at },
    })),
  );
  const results = await decodeAll(items);
  const vendor = vendorOfDevEui(device.name)?.slug;
  return candidates
    .map((type, index) => ({
      id: type.manifest.id,
      score: scoreOf(type, results.slice(index * samples.length, (index + 1) * samples.length), vendor),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ id }) => id);
}

function fitsPort(fPorts: readonly number[], ports: ReadonlySet<number | null>): boolean {
  return fPorts.length === 0 || fPorts.some((port) => ports.has(port));
}

/**
 * 0 = reads none of it. Otherwise: the share of messages that are read, the share of their values that can be true, a
 * little for more values and for a type that names its port, and most for the maker that the devEUI tells.
 */
function scoreOf({ manifest }: LoadedType, results: readonly TypeDecodeResult[], vendor: string | undefined): number {
  const read = results.filter((result) => result.ok).filter(({ values }) => values.some(isSound));
  if (read.length === 0) return 0;
  const values = read.flatMap((result) => result.values);
  const kinds = new Set(values.filter(isSound).map(({ quantity }) => quantity));
  const isVendors = vendor !== undefined && manifest.id.startsWith(`${vendor}-`);
  return (
    read.length / results.length +
    values.filter(isSound).length / values.length +
    Math.min(kinds.size, 5) / 10 +
    (manifest.fPorts.length > 0 ? 0.2 : 0) +
    (isVendors ? 3 : 0)
  );
}

function isSound({ value, quality }: { value: number | null; quality: string }): boolean {
  return value !== null && quality === 'ok';
}
