import { afterEach, expect, test } from 'vitest';
import { ERRORS } from '@ronde/contracts/errors';
import { sayPart } from './incident-text.ts';
import { language } from './language.ts';
import { problemLine, sayProblem } from './problem-text.ts';

afterEach(() => {
  language.value = 'nl';
});
const refusal = { code: 'VERSION_CONFLICT', detail: 'the document is at version 3', remedy: 'read it again' };

test('every code of the server has a Dutch sentence and a Dutch remedy, and keeps the server sentence beside them', () => {
  for (const [code, { remedy }] of Object.entries(ERRORS)) {
    const said = sayProblem({ code, detail: 'because of bin-7', remedy });
    expect(said.server, code).toBe('because of bin-7');
    expect(said.what, code).toMatch(/^[A-Z].+\.$/);
    expect(said.remedy, code).toMatch(/^[A-Z].+\.$/);
    expect([said.what, said.remedy], code).not.toContain(remedy);
  }
});

test('an English reader and a code that is not known get the server words alone', () => {
  const own = { what: refusal.detail, remedy: refusal.remedy, server: undefined };
  expect(sayProblem({ ...refusal, code: 'toString' })).toEqual(own);
  language.value = 'en';
  expect(sayProblem(refusal)).toEqual(own);
});

test('one line holds what happened, the server sentence in brackets, and the remedy', () => {
  expect(problemLine(refusal)).toBe(
    'Iemand anders heeft dit intussen gewijzigd (the document is at version 3). Laad de pagina opnieuw en doe uw wijziging nogmaals.',
  );
  language.value = 'en';
  expect(problemLine(refusal)).toBe('the document is at version 3. read it again');
  expect(problemLine({ ...refusal, remedy: '' })).toBe('the document is at version 3.');
});

test('a part of the platform that is not well is said in Dutch beside the server words, with the place it runs in or not', () => {
  expect(sayPart('disk', 'disk: 0.4 GiB free')).toBe('de schijf is bijna vol (disk: 0.4 GiB free)');
  expect(sayPart('inbox of ingest w1', 'inbox of ingest w1: full')).toMatch(/^berichten kunnen niet bewaard worden/);
  expect(sayPart('something new', 'something new: away')).toBe('something new: away');
  expect(sayPart(undefined, 'away')).toBe('away');
  language.value = 'en';
  expect(sayPart('disk', 'disk: 0.4 GiB free')).toBe('disk: 0.4 GiB free');
});
