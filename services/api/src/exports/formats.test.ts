import { expect, onTestFinished, test } from 'vitest';
import { createHttp } from '@ronde/kit';
import { MAX_XLSX_ROWS } from '../xlsx.ts';
import { sendRows, type Format, type Row } from './formats.ts';

async function exported(format: Format, count: number) {
  const http = await createHttp({ version: '1', authenticate: async () => undefined });
  onTestFinished(() => http.close());
  let given = 0;
  async function* rows(): AsyncGenerator<Row> {
    for (; given < count; given += 1) yield { id: given };
  }
  http.get('/x', (_request, reply) => sendRows(reply, { name: 'readings', format, columns: ['id'], rows: rows() }));
  return { answer: await http.inject({ url: '/x' }), given: () => given };
}

test('a workbook of more rows than fit in memory with ease is refused before more are read, with the way out', async () => {
  const { answer, given } = await exported('xlsx', MAX_XLSX_ROWS * 3);
  expect(answer.statusCode).toBe(400);
  expect(answer.headers['content-disposition']).toBeUndefined();
  expect(answer.json()).toMatchObject({
    code: 'INPUT_INVALID',
    errors: [{ field: 'format', message: expect.stringMatching(/at most 100,000 rows/), remedy: expect.any(String) }],
  });
  expect(given()).toBeLessThanOrEqual(MAX_XLSX_ROWS + 1);
});

test('a workbook that is just full is written, and a stream has no such limit', async () => {
  const full = await exported('xlsx', MAX_XLSX_ROWS - 1);
  expect(full.answer.statusCode).toBe(200);
  expect(full.answer.rawPayload.subarray(0, 2).toString()).toBe('PK');
  const stream = await exported('csv', MAX_XLSX_ROWS + 1);
  expect(stream.answer.payload.split('\r\n').filter(Boolean)).toHaveLength(MAX_XLSX_ROWS + 2);
});
