/** A button of second rank; `isOpen` where it opens and closes something. */
export function PlainButton(props: { label: string; class?: string; isOpen?: boolean; onPress(): void }) {
  const { label, isOpen, onPress } = props;
  return (
    <button
      type="button"
      class={`utrecht-button utrecht-button--secondary-action ${props.class ?? ''}`}
      aria-expanded={isOpen}
      onClick={onPress}
    >
      {label}
    </button>
  );
}
