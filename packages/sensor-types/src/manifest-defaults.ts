import { linesOfFields } from './byte-fields/mapping.ts';
import { camelKeys, isRecord, renamedKeys } from './known-keys.ts';

const RENAMES = {
  name: 'model',
  license: 'licence',
  fports: 'fPorts',
  fport: 'fPorts',
  fPort: 'fPorts',
  port: 'fPorts',
  ports: 'fPorts',
  interval: 'expectedInterval',
  downlinks: 'settings',
  mapping: 'measurements',
  alias: 'aliases',
  sources: 'source',
  dataSheet: 'links',
};
/** What stands for a fact that the manifest leaves out. */
export const NOT_STATED = 'not stated';

/**
 * Fills in what a short manifest leaves out: everything but id, codec and measurements has a default. Keys may be
 * written `blindZone` or `blind_zone`, and interval and counter may stand under `health`.
 */
export function withDefaults(given: unknown): unknown {
  const manifest = renamedKeys(given, RENAMES);
  if (!isRecord(manifest)) return given;
  const { chemistry, measurements } = takeChemistry(mappingOf(manifest));
  const health = camelKeys(manifest['health'] ?? (chemistry === undefined ? undefined : {}));
  const { expectedInterval, counter: ownCounter, ...restOfHealth } = isRecord(health) ? health : {};
  if (chemistry !== undefined) restOfHealth['battery'] ??= { chemistry };
  const { counter = ownCounter, ...rest } = manifest;
  const id = typeof rest['id'] === 'string' ? rest['id'] : '';
  const [vendor = id, ...model] = id.split('-');
  const names = { vendor: capital(vendor), model: model.join('-').toUpperCase() || id };
  return {
    ...names,
    description: `${text(rest['vendor']) ?? names.vendor} ${text(rest['model']) ?? names.model}`,
    source: NOT_STATED,
    licence: NOT_STATED,
    ...(expectedInterval !== undefined && { expectedInterval }),
    ...(isRecord(counter) && { counterBits: counter['bits'], counterFrom: counter['from'] }),
    ...rest,
    measurements,
    version: toVersion(rest['version']),
    ...(isRecord(health) && { health: restOfHealth }),
  };
}

/** Fields that name a quantity need no line of their own in the mapping. */
function mappingOf({ fields, measurements }: Record<string, unknown>): unknown {
  if (fields === undefined || (measurements !== undefined && !isRecord(measurements))) return measurements;
  const missing = Object.entries(linesOfFields(fields)).filter(([key]) => !Object.hasOwn(measurements ?? {}, key));
  return { ...measurements, ...Object.fromEntries(missing) };
}

/** A battery line may name the cells; they belong to the energy model of the battery. */
function takeChemistry(measurements: unknown): { chemistry?: unknown; measurements: unknown } {
  if (!isRecord(measurements)) return { measurements };
  const found = Object.entries(measurements).find(([, line]) => isRecord(line) && 'chemistry' in line);
  if (!found || !isRecord(found[1])) return { measurements };
  const { chemistry, ...line } = found[1];
  return { chemistry, measurements: { ...measurements, [found[0]]: line } };
}

/** YAML reads 1.0 as a number: 1, 1.0 and 1.0.0 are the same version. */
function toVersion(given: unknown): unknown {
  if (given === undefined) return '1.0.0';
  const parts = String(given).split('.');
  return typeof given === 'object' ? given : [...parts, '0', '0'].slice(0, Math.max(3, parts.length)).join('.');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function text(given: unknown): string | undefined {
  return typeof given === 'string' ? given : undefined;
}
