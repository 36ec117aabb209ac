import { expect, test } from '@jest/globals';
import { createRunLog } from '../../src/activities/run-log.js';
import { LOG_LINE_OVERHEAD, MAX_LOG_LENGTH, MAX_LOG_LINE_LENGTH } from '../../src/handlers/shared/run-limits.js';
import type { LogLine } from '../../src/store/run-logs.js';
import { eventually } from '../support/eventually.js';

function recorder() {
  const written: LogLine[][] = [];
  return { written, append: async (lines: LogLine[]) => void written.push(lines) };
}

test('the lines of a short attempt are left for the statement that ends it', async () => {
  const { written, append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  log.write('info', 'one');
  log.write('warn', 'two', { count: 2 });
  expect(await log.take()).toEqual([
    { at: '1970-01-01T00:00:00.000Z', level: 'info', message: 'one' },
    { at: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'two', fields: { count: 2 } },
  ]);
  expect(written).toEqual([]);
});

test('while the handler goes on lines are written, in their order', async () => {
  const { written, append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  for (let line = 0; line < 250; line++) log.write('info', String(line));
  await eventually(() => expect(written.flat()).toHaveLength(250));
  log.write('info', '250');
  const rest = await log.take();
  expect([...written.flat(), ...rest].map((line) => line.message)).toEqual(
    Array.from({ length: 251 }, (_, i) => String(i)),
  );
});

test('lines that could not be written are written later, by themselves and in their order', async () => {
  let refusals = 0;
  const { written, append } = recorder();
  const log = createRunLog({
    now: () => 0,
    append: async (lines) => {
      if (refusals++ < 2) throw new Error('the database is away');
      await append(lines);
    },
  });
  log.write('info', 'one');
  await eventually(() => expect(refusals).toBe(1));
  log.write('info', 'two');
  await eventually(() => expect(written.flat().map((line) => line.message)).toEqual(['one', 'two']));
});

test('nothing is written into a log that has ended', async () => {
  const { written, append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  log.write('info', 'in time');
  expect(await log.take()).toHaveLength(1);
  log.write('info', 'by a handler that was left behind');
  expect(await log.take()).toEqual([]);
  expect(written).toEqual([]);
});

test('fields that are not JSON, or are too long, are left out, and the line says so', async () => {
  const { append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  log.write('info', 'circular', circular);
  log.write('info', 'long', { text: 'x'.repeat(2 * MAX_LOG_LINE_LENGTH) });
  const lines = await log.take();
  expect(lines.map((line) => Object.keys(line.fields ?? {}))).toEqual([['leftOut'], ['leftOut']]);
});

test('a long line is cut, and so is a log over its limit, with a line that says so', async () => {
  const { written, append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  log.write('info', 'x'.repeat(2 * MAX_LOG_LINE_LENGTH));
  for (let line = 0; line < 200; line++) log.write('info', 'y'.repeat(MAX_LOG_LINE_LENGTH));
  const rest = await log.take();
  const lines = [...written.flat(), ...rest];
  expect(lines[0]?.message).toBe(`${'x'.repeat(MAX_LOG_LINE_LENGTH - 7)}… (cut)`);
  expect(lines.at(-1)).toMatchObject({ level: 'warn', message: expect.stringContaining('cut here') });
  expect(lines.reduce((sum, line) => sum + line.message.length, 0)).toBeLessThan(MAX_LOG_LENGTH + MAX_LOG_LINE_LENGTH);
});

test('what the executor notes is kept, though the handler has used up the log', async () => {
  const { written, append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  for (let line = 0; line < 200; line++) log.write('info', 'y'.repeat(MAX_LOG_LINE_LENGTH));
  log.note('warn', 'Attempt 1 of 3 failed.');
  log.write('info', 'over the limit');
  log.note('error', 'The run was cancelled.');
  const lines = [...written.flat(), ...(await log.take())];
  expect(lines.slice(-3)).toEqual([
    expect.objectContaining({ level: 'warn', message: expect.stringContaining('cut here') }),
    { at: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'Attempt 1 of 3 failed.' },
    { at: '1970-01-01T00:00:00.000Z', level: 'error', message: 'The run was cancelled.' },
  ]);
});

test('each attempt from whose log lines are left out says so once, also where earlier ones have used up the log', async () => {
  const { append } = recorder();
  const log = createRunLog({ now: () => 0, append }, MAX_LOG_LENGTH + 100);
  log.write('info', 'one');
  log.write('info', 'two');
  log.note('warn', 'Attempt 2 of 3 failed.');
  expect((await log.take()).map((line) => line.message)).toEqual([
    expect.stringContaining('cut here'),
    'Attempt 2 of 3 failed.',
  ]);
});

test('an attempt that logs nothing says nothing of a log that is used up', async () => {
  const { append } = recorder();
  const log = createRunLog({ now: () => 0, append }, MAX_LOG_LENGTH + 100);
  expect(await log.take()).toEqual([]);
});

test('nothing is noted in a log that has ended', async () => {
  const { append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  await log.take();
  log.note('warn', 'too late');
  expect(await log.take()).toEqual([]);
});

test('what is no text and no level, as of a handler in plain JavaScript, is written all the same', async () => {
  const { append } = recorder();
  const log = createRunLog({ now: () => 0, append });
  log.write('loud' as 'info', { a: 1 } as unknown as string, [1] as unknown as Record<string, unknown>);
  expect(await log.take()).toMatchObject([{ level: 'info', message: '{ a: 1 }', fields: { fields: [1] } }]);
});

/** A log of a project whose quota has room for so many lines of one character. */
function logWithin(lines: number) {
  const { written, append } = recorder();
  let left = lines * (1 + LOG_LINE_OVERHEAD);
  const takeBytes = async (bytes: number) => {
    const granted = Math.min(left, bytes);
    left -= granted;
    return granted;
  };
  return { written, log: createRunLog({ now: () => 0, append, takeBytes }), refill: () => (left = 1_000_000) };
}

const OVER_QUOTA = expect.stringContaining('Lines are left out from here on');

test('what is over the quota of the project is left out, with one line that says so, and the executor still notes', async () => {
  const { log } = logWithin(2);
  for (const message of ['a', 'b', 'c', 'd']) log.write('info', message);
  log.note('warn', 'The run was cancelled.');
  expect((await log.take()).map(({ message }) => message)).toEqual(['a', 'b', OVER_QUOTA, 'The run was cancelled.']);
});

test('a run that goes on logs again when the quota has room, as on the next day', async () => {
  const { written, log, refill } = logWithin(1);
  log.write('info', 'a');
  log.write('info', 'b');
  await eventually(() => expect(written.flat().map(({ message }) => message)).toEqual(['a', OVER_QUOTA]));
  refill();
  log.write('info', 'c');
  expect((await log.take()).map(({ message }) => message)).toEqual(['c']);
});

test('lines that are written a second time take of the quota once', async () => {
  let [taken, refusals] = [0, 0];
  const { written, append } = recorder();
  const log = createRunLog({
    now: () => 0,
    async append(lines) {
      if (refusals++ < 2) throw new Error('the database is away');
      await append(lines);
    },
    async takeBytes(bytes) {
      taken += bytes;
      return bytes;
    },
  });
  log.write('info', 'a');
  await eventually(() => expect(written.flat()).toHaveLength(1));
  expect(taken).toBe(1 + LOG_LINE_OVERHEAD);
});

test('where the quota cannot be asked, the end of an attempt keeps its lines', async () => {
  const { append } = recorder();
  const takeBytes = () => Promise.reject(new Error('the database is away'));
  const log = createRunLog({ now: () => 0, append, takeBytes });
  log.write('info', 'a');
  expect(await log.take()).toHaveLength(1);
});
