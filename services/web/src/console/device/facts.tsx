import type { ComponentChild } from 'preact';

/** Names with their values; what has no value is left out. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChild])[] }) {
  return (
    <dl class="facts">
      {facts
        .filter(([, value]) => value !== undefined && value !== '' && value !== 0 && value !== null)
        .map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  );
}
