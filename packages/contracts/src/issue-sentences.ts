import { z } from 'zod';

type Issue = Parameters<NonNullable<ReturnType<typeof z.config>['localeError']>>[0];

const COUNTED: Record<string, string> = { string: 'character', array: 'item', set: 'item', map: 'item' };
const FORMATS: Record<string, string> = {
  datetime: 'is not a time with a zone in ISO 8601, such as 2026-01-05T06:00:00Z',
  date: 'is not a date in ISO 8601, such as 2026-01-05',
  url: 'is not a URL, such as https://host.example:8443',
};

/**
 * Says what is wrong so that it can stand behind the name of a field: "volumeL must be above 0". A schema's own message
 * goes before; this one replaces zod's, which speak of undefined, NaN and schemas to people who send JSON or a list.
 */
function sentenceOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeSentence(issue.expected, issue.input);
    case 'invalid_value': {
      const choice = issue.values.map((value) => JSON.stringify(value)).join(', ');
      const wanted = issue.values.length === 1 ? choice : `one of ${choice}`;
      return issue.input === undefined ? `is missing; it takes ${wanted}` : `must be ${wanted}`;
    }
    case 'too_big':
      return `must ${bound(issue.origin, issue.maximum, issue.inclusive === false ? 'below' : 'at most')}`;
    case 'too_small':
      return `must ${bound(issue.origin, issue.minimum, issue.inclusive === false ? 'above' : 'at least')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? formatSentence(issue);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `does not take ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the forms it may have';
    default:
      return 'is not valid';
  }
}

function typeSentence(expected: string, input: unknown): string {
  const wanted = withArticle(expected);
  if (input === undefined) return `is missing; it takes ${wanted}`;
  // a word where a number is read from text arrives as NaN
  if (Number.isNaN(input)) return `must be ${wanted}`;
  const given = input === null ? 'null' : withArticle(Array.isArray(input) ? 'array' : typeof input);
  return given === wanted ? `must be ${wanted}` : `must be ${wanted}, not ${given}`;
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}

function bound(origin: string, limit: number | bigint, word: string): string {
  const counted = COUNTED[origin];
  return counted === undefined
    ? `be ${word} ${limit}`
    : `have ${word} ${limit} ${counted}${Number(limit) === 1 ? '' : 's'}`;
}

function formatSentence(issue: Issue): string {
  const { format, pattern, prefix } = issue as { format?: string; pattern?: string; prefix?: string };
  if (prefix !== undefined) return `must start with "${prefix}"`;
  return pattern === undefined || format !== 'regex' ? `is not a valid ${format}` : `must match ${pattern}`;
}

z.config({ localeError: sentenceOf });
