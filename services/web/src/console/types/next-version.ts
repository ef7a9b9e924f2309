/** Gives the version that usually follows: the last of three numbers, plus one. */
export function nextVersion(version: string, taken: readonly string[] = []): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  let next = patch + 1;
  while (taken.includes(`${major}.${minor}.${next}`)) next += 1;
  return `${major}.${minor}.${next}`;
}

/** Writes a version into a manifest; the line is added where there is none. */
export function withVersion(sensorYaml: string, version: string): string {
  const line = `version: ${version}`;
  return /^version:.*$/m.test(sensorYaml) ? sensorYaml.replace(/^version:.*$/m, line) : `${line}\n${sensorYaml}`;
}

/** Reads a top-level text of a manifest, such as its id. */
export function lineOf(sensorYaml: string, name: 'id' | 'version'): string {
  return (new RegExp(`^${name}:\\s*['"]?([^'"#\\s]+)`, 'm').exec(sensorYaml)?.[1] ?? '').trim();
}

/** Reads the first port of a manifest, to try frames on; 1 where it names none. */
export function firstPort(sensorYaml: string): number {
  return Number(/^fPorts:\s*(?:\[\s*|\n\s*-\s*)(\d+)/m.exec(sensorYaml)?.[1] ?? 1);
}
