import { useId, useRef } from 'preact/hooks';

interface CodeAreaProps {
  label: string;
  value: string;
  onInput(value: string): void;
  rows?: number;
}

/** A plain text area with line numbers; Tab leaves it, as anywhere on the page. */
export function CodeArea({ label, value, onInput, rows = 16 }: CodeAreaProps) {
  const id = useId();
  const gutter = useRef<HTMLPreElement>(null);
  const lines = value.split('\n').length;
  return (
    <div class="code">
      <label for={id}>{label}</label>
      <div class="code__area">
        <pre ref={gutter} class="code__lines" aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => index + 1).join('\n')}
        </pre>
        <textarea
          id={id}
          class="code__text"
          rows={rows}
          wrap="off"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
    </div>
  );
}
