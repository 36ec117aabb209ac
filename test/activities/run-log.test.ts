import { expect, test } from '@jest/globals';
import { createRunLog, MAX_LINE_LENGTH, MAX_RUN_LOG_LENGTH } from '../../src/activities/run-log.js';
import type { LogLine } from '../../src/store/run-logs.js';
import { eventually } from '../support/eventually.js';

function recorder() {
  const written: LogLine[][] = [];
  return { written, append: async (lines: LogLine[]) => void written.push(lines) };
}

test('the lines of a short attempt are left for the statement that ends it', async () => {
  const { written, append } = recorder();
  const log = createRunLog(() => 0, append);
  log.write('info', 'one');
  log.write('warn', 'two', { count: 2 });
  expect(await log.take()).toEqual([
    { at: '1970-01-01T00:00:00.000Z', level: 'info', message: 'one' },
    { at: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'two', fields: { count: 2 } },
  ]);
  expect(written).toEqual([]);
});

test('many lines are written in batches, in their order, while the handler goes on', async () => {
  const { written, append } = recorder();
  const log = createRunLog(() => 0, append);
  for (let line = 0; line < 250; line++) log.write('info', String(line));
  const rest = await log.take();
  expect([...written.flat(), ...rest].map((line) => line.message)).toEqual(
    Array.from({ length: 250 }, (_, i) => String(i)),
  );
  expect(written.map((batch) => batch.length)).toEqual([100, 100]);
});

test('a batch that could not be written goes with the next one', async () => {
  let away = true;
  const written: LogLine[] = [];
  const log = createRunLog(
    () => 0,
    async (lines) => {
      if (away) throw new Error('the database is away');
      written.push(...lines);
    },
  );
  log.write('info', 'early');
  await eventually(() => expect(away).toBe(true));
  for (let line = 0; line < 99; line++) log.write('info', 'more');
  away = false;
  const rest = await log.take();
  expect([...written, ...rest]).toHaveLength(100);
});

test('a long line is cut, and so is a log over its limit, with a line that says so', async () => {
  const { written, append } = recorder();
  const log = createRunLog(() => 0, append);
  log.write('info', 'x'.repeat(2 * MAX_LINE_LENGTH));
  for (let line = 0; line < 200; line++) log.write('info', 'y'.repeat(MAX_LINE_LENGTH));
  const rest = await log.take();
  const lines = [...written.flat(), ...rest];
  expect(lines[0]?.message).toHaveLength(MAX_LINE_LENGTH + '… (cut)'.length);
  expect(lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('cut here') });
  expect(lines.reduce((sum, line) => sum + line.message.length, 0)).toBeLessThan(MAX_RUN_LOG_LENGTH + MAX_LINE_LENGTH);
});
