import { afterEach, expect, test } from 'vitest';
import { ERRORS } from '@ronde/contracts/errors';
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
