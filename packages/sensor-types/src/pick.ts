/** One step of a path: a name, an index (from the end when negative), every element, or those with a member equal to a value. */
type Step =
  | { kind: 'name'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'where'; name: string; value: string };

const STEP =
  /\[\s*(-?\d+)\s*\]|\[\s*\*?\s*\]|\[\s*(["'])(.*?)\2\s*\]|\[\s*([\w-]+)\s*=\s*(["']?)(.*?)\5\s*\]|([^.[\]]+)/gy;

/**
 * Follows a path into plain data; undefined when it leads nowhere.
 * `distance.value`, `sensors[0].value`, `samples[-1]`, `points[name=distance].value`; `[*]` gives an array of all that
 * is found. A name that stands in the data exactly as written comes first; `data.` in front may be left out.
 */
export function pick(data: unknown, path: string): unknown {
  const own = memberOf(data, path);
  if (own !== undefined) return own;
  const { steps, rooted } = stepsOf(path);
  const found = follow(data, steps, 0);
  return found === undefined && rooted ? follow(data, [{ kind: 'name', name: 'data' }, ...steps], 0) : found;
}

/** Tells whether a path can be read. */
export function isPath(path: string): boolean {
  return stepsOf(path).steps.length > 0;
}

function follow(at: unknown, steps: readonly Step[], index: number): unknown {
  const step = steps[index];
  if (!step) return at;
  if (at === null || typeof at !== 'object') return undefined;
  if (step.kind === 'name') return follow(memberOf(at, step.name), steps, index + 1);
  if (step.kind === 'index') return follow(Array.isArray(at) ? at.at(step.index) : undefined, steps, index + 1);
  const list: unknown[] = Array.isArray(at) ? at : Object.values(at);
  const chosen = step.kind === 'all' ? list : list.filter((one) => String(memberOf(one, step.name)) === step.value);
  const found = chosen.map((one) => follow(one, steps, index + 1)).filter((one) => one !== undefined);
  if (step.kind === 'all') return found.length > 0 ? found : undefined;
  return found[0];
}

function memberOf(at: unknown, name: string): unknown {
  if (at === null || typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined;
  return (at as Record<string, unknown>)[name];
}

const known = new Map<string, { steps: Step[]; rooted: boolean }>();

function stepsOf(path: string): { steps: Step[]; rooted: boolean } {
  const found = known.get(path);
  if (found) return found;
  const rooted = path.startsWith('data.');
  const read = { steps: parse(rooted ? path.slice('data.'.length) : path), rooted };
  known.set(path, read);
  return read;
}

/** No steps: the path cannot be read. */
function parse(path: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    if (steps.length > 0 && path[STEP.lastIndex] === '.') STEP.lastIndex++;
    const [text, index, , quoted, member, , value, name] = STEP.exec(path) ?? [];
    if (text === undefined) return [];
    if (index !== undefined) steps.push({ kind: 'index', index: Number(index) });
    else if (member !== undefined) steps.push({ kind: 'where', name: member, value: value ?? '' });
    else if (quoted !== undefined) steps.push({ kind: 'name', name: quoted });
    else if (name === undefined || name === '*') steps.push({ kind: 'all' });
    else steps.push({ kind: 'name', name });
  }
  return steps;
}
