import type { ComponentChildren } from 'preact';
import { hrefOf, open, type Place } from './address.ts';

interface PlaceLinkProps {
  to: Place;
  /** Adds to the address instead of beginning anew. */
  from?: 'here';
  class?: string;
  isCurrent?: boolean;
  children: ComponentChildren;
}

/** A link within the console: opens without a reload, and in a new tab when asked. */
export function PlaceLink({ to, from, class: name, isCurrent, children }: PlaceLinkProps) {
  const href = hrefOf(to, from);
  return (
    <a
      class={name}
      href={href}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        open(href);
      }}
    >
      {children}
    </a>
  );
}
