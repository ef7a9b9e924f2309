import { readFileSync } from 'node:fs';

/** Reads a file whose default export is a function, as an expression that QuickJS evaluates to this function. */
function read(file: string): string {
  const text = readFileSync(new URL(`./guest/${file}`, import.meta.url), 'utf8');
  return `(${text.replace('export default ', '')})`;
}

/** A function of the global object, run first in every codec's context; gives `{bind, hide, modules}`. */
export const GUEST_PRELUDE = read('prelude.js');

/** Parts that only some codecs need; each a function of what the prelude gave. */
const GUEST_PARTS = [
  { needed: /(?<![\w$])(Buffer|TextDecoder|TextEncoder|atob|btoa)\b|['"](node:)?(buffer|util)['"]/, name: 'coders.js' },
  { needed: /(?<![\w$])Buffer\b|['"](node:)?buffer['"]/, name: 'buffer.js' },
  { needed: /\brequire\s*\(|^\s*import\b/m, name: 'require.js' },
  { needed: /\btoLocale(Date|Time)?String\b/, name: 'locale.js' },
].map((part) => ({ ...part, code: read(part.name) }));

/** Names the parts that a codec's text mentions. */
export function partsFor(source: string): { name: string; code: string }[] {
  return GUEST_PARTS.filter(({ needed }) => needed.test(source));
}

// Reading `X.prototype.name`, as in a call of it, changes nothing.
const CHANGES_LANGUAGE = [
  /prototype(?!\s*\.\s*\w+\s*(\.\s*(call|apply|bind)\s*)?[(),;])/,
  /__proto__|PrototypeOf|\bconstructor\b|definePropert|\beval\b|\bFunction\b/,
  /\b(Object|Array|String|Number|Date|Math|JSON)\s*(\.\s*\w+|\[[^\]]*\])?\s*=[^=]/,
  /\b(parseInt|parseFloat|isNaN|isFinite|Buffer|console(\s*\.\s*\w+)?)\s*=[^=]/,
];

/**
 * Gives the words of a codec's text if it may change the language's own objects: what it names is looked after.
 * One that hides its words harms only its own later messages.
 */
export function wordsToWatch(source: string): string | undefined {
  if (!CHANGES_LANGUAGE.some((pattern) => pattern.test(source))) return undefined;
  return [...new Set(source.match(/[A-Za-z]\w*/g))].join(' ');
}

const ROUTINES = [
  'decodeUplink',
  'encodeDownlink',
  'decodeDownlink',
  'normalizeUplink',
  'Decoder',
  'Decode',
  'Encoder',
  'Encode',
  'driver',
];
const COLLECT = `return [${ROUTINES.map((name) => `typeof ${name} === 'undefined' ? undefined : ${name}`).join(', ')}];`;

/**
 * Makes a codec's text the body of a function that gives its routines, in the prelude's order. Run for each message,
 * it starts without what earlier messages left in the codec's own variables.
 */
export function toBuilder(source: string): string {
  const text = source.replace(/^\uFEFF/, '').replace(/^#!.*/, '');
  // The codec stands first, so that its "use strict" still counts; the line end closes a comment at its end.
  return `(function () {${onGlobal(text)}${text}\n;${COLLECT}\n})`;
}

/** Functions that a codec calls as `this.name()`, counting on being a script, are put where it looks for them. */
function onGlobal(text: string): string {
  const called = new Set(Array.from(text.matchAll(/\b(?:this|globalThis)\.([\w$]+)\s*\(/g), ([, name]) => name ?? ''));
  const declared = Array.from(text.matchAll(/^function\s+([\w$]+)/gm), ([, name]) => name ?? '');
  return declared.map((name) => (called.has(name) ? `this.${name}=${name};` : '')).join('');
}

const HAS_MODULE_SYNTAX = /^\s*(import|export)\b|[;}]\s*export\s*[{*]/m;

/** Turns `import` and `export` at the start of lines into their older forms; undefined when there are none. */
export function withoutModuleSyntax(source: string): string | undefined {
  if (!HAS_MODULE_SYNTAX.test(source)) return undefined;
  return source
    .replace(/^\s*import\s+(['"][^'"]+['"]);?/gm, 'require($1);')
    .replace(/^\s*import\s+([\w$]+)\s+from\s+(['"][^'"]+['"]);?/gm, 'const $1 = require($2);')
    .replace(/^\s*import\s+\*\s+as\s+([\w$]+)\s+from\s+(['"][^'"]+['"]);?/gm, 'const $1 = require($2);')
    .replace(/^\s*import\s+(\{[^}]*\})\s+from\s+(['"][^'"]+['"]);?/gm, (_, names: string, from: string) => {
      return `const ${names.replaceAll(/\bas\b/g, ':')} = require(${from});`;
    })
    .replace(/^\s*export\s+default\s+(?=(async\s+)?(function|class)\s+[\w$]+)/gm, '')
    .replace(/^\s*export\s+default\s+/gm, 'module.exports.default = ')
    .replace(/^\s*export\s+(?=async\s|function|class|const|let|var)/gm, '')
    .replace(/(^|[;}])\s*export\s*\{([^}]*)\};?/gm, (_, before: string, names: string) => before + exportNames(names));
}

function exportNames(names: string): string {
  const pairs = names.split(',').map((name) => name.trim().split(/\s+as\s+/));
  return pairs
    .filter(([own]) => own)
    .map(([own, shown]) => `module.exports.${shown ?? own} = ${own};`)
    .join(' ');
}
