import { shared } from '../i18n/shared-text.ts';

/** First thing on a page: jumps over the bars to the element with id "content". */
export function SkipLink() {
  return (
    <a class="utrecht-skip-link" href="#content">
      {shared('skipToContent')}
    </a>
  );
}
