import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createDemultiplexer, type StreamName } from '../../src/handlers/container/frames.js';
import { MAX_RESULT_BYTES } from '../../src/handlers/handler.js';
import { LOG_LINE_OVERHEAD, MAX_LOG_LINE_LENGTH, MAX_OUTPUT_BYTES } from '../../src/handlers/shared/run-limits.js';
import { openEngines, runOn } from './container-support.js';
import { cut, somePlaces } from './pieces.js';
import { runContext } from './support.js';

const engines = openEngines();
afterEach(() => engines.closeAll());

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

const someBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

describe('frames', () => {
  test('give each stream what belongs to it, wherever they are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), someBytes), { maxLength: 20 });
    fc.assert(
      fc.property(frames, somePlaces, (written, places) => {
        const read: Record<StreamName, Buffer[]> = { stdout: [], stderr: [] };
        const demultiplex = createDemultiplexer((name, bytes) => read[name].push(bytes));
        const all = Buffer.concat(written.map(([type, payload]) => frame(type, payload)));
        for (const piece of cut(all, places)) demultiplex(piece);
        const expected = (wanted: number) =>
          Buffer.concat(written.flatMap(([type, bytes]) => (type === wanted ? [bytes] : [])));
        expect(Buffer.concat(read.stdout)).toEqual(expected(1));
        expect(Buffer.concat(read.stderr)).toEqual(expected(2));
      }),
    );
  });

  test('are handed on before they are whole: one may say that it has 4 GiB', () => {
    const read: string[] = [];
    const demultiplex = createDemultiplexer((name, bytes) => read.push(`${name} ${bytes.toString()}`));
    demultiplex(Buffer.concat([Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]), Buffer.from('begin')]));
    demultiplex(Buffer.from('more'));
    expect(read).toEqual(['stdout begin', 'stdout more']);
  });

  test('that are none are refused', () => {
    for (const header of [[4, 0, 0, 0, 0, 0, 0, 1], [1, 0, 1, 0, 0, 0, 0, 1], [...Buffer.from('HTTP/1.1')]]) {
      expect(() => createDemultiplexer(() => undefined)(Buffer.from(header))).toThrow('This is no frame.');
    }
  });
});

describe('the output of a container', () => {
  test('is whole, though its frames come byte by byte', async () => {
    const engine = await engines.engine(({ stdout, stderr }) => {
      const euro = Buffer.from('€');
      stdout(Buffer.concat([Buffer.from('5 '), euro.subarray(0, 1)]));
      stderr('warning: ');
      stdout(Buffer.concat([euro.subarray(1), Buffer.from('\r\nno end')]));
      stderr('😀\n');
    });
    engine.writeBytes = 1;
    const context = runContext();
    expect(await runOn(engine, {}, context)).toMatchObject({ stdout: '5 €\r\nno end', stderr: 'warning: 😀\n' });
    expect(context.lines.map(({ level, message }) => `${level} ${message}`).toSorted()).toEqual([
      'info 5 €',
      'info no end',
      'warn warning: 😀',
    ]);
  });

  test('is read from the first byte on, however fast the container ends', async () => {
    const engine = await engines.engine(({ stdout }) => stdout('at once'));
    for (let round = 0; round < 10; round += 1) expect(await runOn(engine)).toMatchObject({ stdout: 'at once' });
  });

  test('is plain text: without colours, orders to a terminal and NUL', async () => {
    const engine = await engines.engine(({ stdout }) =>
      stdout('\u001b[31mred\u001b[0m\t\u0000\u0007 \u001b]0;title\u0007end\n'),
    );
    const context = runContext();
    expect(await runOn(engine, {}, context)).toMatchObject({ stdout: 'red\t\ufffd\ufffd end\n' });
    expect(context.lines).toMatchObject([{ message: 'red\t\ufffd\ufffd end' }]);
  });

  test('is logged up to a limit, which one line tells, and read to its end', async () => {
    const line = 'x'.repeat(1_000 - 1);
    const engine = await engines.engine(async ({ stdout, stderr }) => {
      for (let part = 0; part < 40; part += 1) stdout(`${line}\n`.repeat(100));
      stderr('last\n');
      stdout('the end\n');
    });
    const context = runContext();
    const result = await runOn(engine, {}, context);
    expect(result).toMatchObject({ truncated: true, stderr: 'last\n', stdout: expect.stringMatching(/x\nthe end\n$/) });
    expect(Buffer.byteLength(result.stdout)).toBe(16 * 1024);
    expect(context.lines).toHaveLength(Math.floor(MAX_OUTPUT_BYTES / (line.length + LOG_LINE_OVERHEAD)) + 1);
    expect(context.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: 'The output is over the limit of 983040 bytes: the rest of it is not logged.',
    });
  });

  test('comes to an end in the log even if it is empty lines', async () => {
    const engine = await engines.engine(({ stdout }) => stdout('\n'.repeat(100_000)));
    const context = runContext();
    await runOn(engine, {}, context);
    expect(context.lines).toHaveLength(MAX_OUTPUT_BYTES / LOG_LINE_OVERHEAD + 1);
  });

  test('has long lines in parts', async () => {
    const engine = await engines.engine(({ stdout }) => stdout('é'.repeat(MAX_LOG_LINE_LENGTH)));
    const context = runContext();
    await runOn(engine, {}, context);
    expect(context.lines.map(({ message }) => message)).toEqual([`${'é'.repeat(MAX_LOG_LINE_LENGTH - 1)}…`, 'é']);
  });

  test.each([
    ['control characters', Buffer.alloc(100_000, 1)],
    ['bytes that are no UTF-8', Buffer.alloc(100_000, 0xff)],
    ['quotes', Buffer.alloc(100_000, '"')],
  ])('fits a result, though it is all %s', async (_case, bytes) => {
    const engine = await engines.engine(({ stdout, stderr }) => {
      stdout(bytes);
      stderr(bytes);
    });
    expect(Buffer.byteLength(JSON.stringify(await runOn(engine)))).toBeLessThanOrEqual(MAX_RESULT_BYTES);
  });
});
