import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import { shared } from '../i18n/shared-text.ts';
import { Icon } from './icon.tsx';
import './dialog.css';

interface DialogProps {
  title: string;
  onClose(): void;
  children: ComponentChildren;
}

/**
 * A modal dialog: the browser traps focus and returns it; Esc closes. At once: `close` comes a frame later, and would
 * shut the dialog that was asked for again in between.
 */
export function Dialog({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const headingId = useId();
  // a layout effect is undone while the dialog still stands in the page: only then does it give the focus back
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={headingId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={() => element.current && onClose()}
    >
      <header class="dialog__header">
        <h2 id={headingId}>{title}</h2>
        <CloseButton onClose={onClose} />
      </header>
      {children}
    </dialog>
  );
}

/** The cross that closes a dialog or drawer. */
export function CloseButton({ onClose }: { onClose(): void }) {
  return (
    <button type="button" class="utrecht-button utrecht-button--subtle" aria-label={shared('close')} onClick={onClose}>
      <Icon name="close" />
    </button>
  );
}

/** A drawer beside the page (not modal): takes focus when it opens, gives it back when it closes, Esc closes. */
export function Drawer({ title, onClose, children }: DialogProps) {
  const element = useRef<HTMLElement>(null);
  const headingId = useId();
  useEffect(() => {
    const before = document.activeElement;
    element.current?.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <section
      ref={element}
      class="drawer"
      aria-labelledby={headingId}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header class="dialog__header">
        <h2 id={headingId} tabIndex={-1}>
          {title}
        </h2>
        <CloseButton onClose={onClose} />
      </header>
      <div class="drawer__body" tabIndex={0} role="group" aria-labelledby={headingId}>
        {children}
      </div>
    </section>
  );
}
