import { z } from 'zod';

/** An object schema that refuses unknown keys and says which ones there are. */
export function knownKeys<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const keys = (issue as { keys?: string[] }).keys ?? [];
      return `${keys.map((key) => `"${key}"`).join(', ')} is no key of this part; known: ${names.join(', ')}`;
    },
  });
}

/** `blind_zone` → `blindZone`: manifests may be written either way. */
export function toCamel(key: string): string {
  return key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function toSnake(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Renames the keys of one level to camelCase. */
export function camelKeys(given: unknown): unknown {
  return renamedKeys(given, {});
}

/** Renames the keys of one level to camelCase; `renames` gives further names for the same thing. */
export function renamedKeys(given: unknown, renames: Record<string, string>): unknown {
  if (!isRecord(given)) return given;
  const entries = Object.entries(given).map(([key, value]) => {
    const camel = toCamel(key);
    return [Object.hasOwn(renames, camel) ? renames[camel] : camel, value] as const;
  });
  return Object.fromEntries(entries);
}
