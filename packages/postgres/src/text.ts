/*
 * PostgreSQL keeps no U+0000 in a text, and JSON holding it, or half of a surrogate pair, cannot be indexed; both come
 * from outside and are kept elsewhere. They are written with U+FDD0, a code point that Unicode keeps for such private
 * marks: the mark, one letter, and four digits where needed.
 */
const MARK = '\uFDD0';

/** Gives a text that PostgreSQL keeps. */
export function toStoredText(text: string): string {
  if (!text.includes('\0') && !text.includes(MARK) && text.isWellFormed()) return text;
  return text.replace(/\0|\uFDD0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, marked);
}

/** Takes back what `toStoredText` did. */
export function fromStoredText(text: string): string {
  if (!text.includes(MARK)) return text;
  return text.replace(/\uFDD0(?:0|m|u([0-9a-f]{4}))/g, (found, unit?: string) => {
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
    return found[1] === '0' ? '\0' : MARK;
  });
}

/** The same for JSON as JSON.stringify writes it, where such characters stand as escapes. */
export function toStoredJson(json: string): string {
  if (!json.includes('\\u0000') && !json.includes('\\ud') && !json.includes(MARK)) return json;
  return json.replace(/\uFDD0|\\(?:u([0-9a-f]{4})|.)/g, (found, unit?: string) => {
    if (found === MARK) return marked(MARK);
    if (unit === '0000') return marked('\0');
    return unit !== undefined && unit.startsWith('d') ? `${MARK}u${unit}` : found;
  });
}

/** Takes back what `toStoredJson` did. */
export function fromStoredJson(json: string): string {
  if (!json.includes(MARK)) return json;
  return json.replace(/\uFDD0(?:0|m|u([0-9a-f]{4}))/g, (found, unit?: string) => {
    if (unit !== undefined) return `\\u${unit}`;
    return found[1] === '0' ? '\\u0000' : MARK;
  });
}

function marked(character: string): string {
  if (character === '\0') return `${MARK}0`;
  return character === MARK ? `${MARK}m` : `${MARK}u${character.charCodeAt(0).toString(16)}`;
}
