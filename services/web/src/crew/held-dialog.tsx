import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SkipReason, Stop } from '@ronde/contracts';
import { Dialog } from '../shared/ui/dialog.tsx';
import { openDialogs } from './state.ts';

/** The dialog on the screen; one at a time. */
export type OpenDialog =
  | { kind: 'skip' | 'problem' | 'stop' | 'decline'; stop: Stop }
  | { kind: 'sensor'; stop: Stop; assetId: string }
  | { kind: 'more' | 'outbox' | 'changes' };
export const dialog = signal<OpenDialog | undefined>(undefined);
export const closeDialog = (): void => {
  dialog.value = undefined;
};

export const SKIP_REASONS: readonly SkipReason[] = ['not-full', 'blocked', 'closed', 'no-time'];
/** Reasons not to go to a stop at all: no plan gives it back to this vehicle in this shift. */
export const DECLINE_REASONS: readonly SkipReason[] = [
  'unsafe',
  'blocked',
  'closed',
  'not-full',
  'no-time',
  'other-crew',
];

interface HeldDialogProps {
  title: string;
  children: ComponentChildren;
}

/** A dialog under which the round stands still. */
export function HeldDialog({ title, children }: HeldDialogProps) {
  useEffect(() => {
    openDialogs.value += 1;
    return () => {
      openDialogs.value -= 1;
    };
  }, []);
  return (
    <Dialog title={title} onClose={closeDialog}>
      <div class="choices">{children}</div>
    </Dialog>
  );
}

interface ChoiceProps {
  onPress(): void;
  isMain?: boolean;
  isDisabled?: boolean;
  children: ComponentChildren;
}

/** One big button of a dialog. */
export function Choice({ onPress, isMain = false, isDisabled = false, children }: ChoiceProps) {
  return (
    <button
      type="button"
      class={`utrecht-button choice utrecht-button--${isMain ? 'primary' : 'secondary'}-action`}
      disabled={isDisabled}
      onClick={onPress}
    >
      {children}
    </button>
  );
}
