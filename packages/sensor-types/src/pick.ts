/** Follows a dotted path (`distance.value`, `data.` in front allowed) into plain data; undefined when it leads nowhere. */
export function pick(data: unknown, path: string): unknown {
  let at: unknown = data;
  for (const step of stepsOf(path)) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

const known = new Map<string, string[]>();

function stepsOf(path: string): string[] {
  const found = known.get(path);
  if (found) return found;
  const steps = path.replace(/^data\./, '').split('.');
  known.set(path, steps);
  return steps;
}
