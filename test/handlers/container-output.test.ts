import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createDemultiplexer, type StreamName } from '../../src/handlers/container/frames.js';
import { createLineSplitter } from '../../src/handlers/container/lines.js';
import { LINE_OVERHEAD_BYTES, MAX_LINE_BYTES, MAX_LOGGED_BYTES } from '../../src/handlers/container/output.js';
import { createTail } from '../../src/handlers/container/tail.js';
import { MAX_RESULT_BYTES } from '../../src/handlers/handler.js';
import { openEngines, runOn } from './container-support.js';
import { runContext } from './support.js';

const engines = openEngines();
afterEach(() => engines.closeAll());

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** The bytes in pieces that end at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const someBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
const somePlaces = fc.array(fc.nat(2_000), { maxLength: 40 });

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

describe('lines', () => {
  const linesOf = (pieces: readonly Buffer[], maxBytes = 1_000): string[] => {
    const lines: string[] = [];
    const splitter = createLineSplitter(maxBytes, (line) => lines.push(line));
    for (const piece of pieces) splitter.push(piece);
    splitter.end();
    return lines;
  };

  test('are whole, with every character, wherever their bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    fc.assert(
      fc.property(
        fc.array(
          line.filter((text) => text !== ''),
          { minLength: 1 },
        ),
        somePlaces,
        (written, places) => {
          expect(linesOf(cut(Buffer.from(written.join('\n')), places))).toEqual(written);
          expect(linesOf(cut(Buffer.from(`${written.join('\r\n')}\r\n`), places))).toEqual(written);
        },
      ),
    );
  });

  test('that are too long are split between characters, and nothing of them is lost', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), somePlaces, (text, places) => {
        const written = text.replaceAll(/[\r\n]/g, '') || 'x';
        const lines = linesOf(cut(Buffer.from(written), places), 8);
        expect(lines.join('')).toBe(written);
        for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(8);
      }),
    );
  });

  test('may be empty, and may be no UTF-8', () => {
    expect(linesOf([Buffer.from('\n\na\n')])).toEqual(['', '', 'a']);
    expect(linesOf([Buffer.from([0x61, 0xff, 0x0a, 0x80, 0x80, 0x80, 0x80, 0x80])], 4)).toEqual([
      'a\ufffd',
      '\ufffd'.repeat(4),
      '\ufffd',
    ]);
  });
});

test('the end of a stream is its last bytes, from the beginning of a character on', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), somePlaces, (text, places) => {
      const tail = createTail(16);
      for (const piece of cut(Buffer.from(text), places)) tail.push(piece);
      expect(text.endsWith(tail.text())).toBe(true);
      expect(tail.isCut).toBe(Buffer.byteLength(text) > 16);
      expect(Buffer.byteLength(tail.text())).toBeGreaterThanOrEqual(Math.min(Buffer.byteLength(text), 13));
    }),
  );
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
    expect(context.lines).toHaveLength(Math.floor(MAX_LOGGED_BYTES / (line.length + LINE_OVERHEAD_BYTES)) + 1);
    expect(context.lines.at(-1)).toMatchObject({
      level: 'warn',
      message: 'The output is cut here: no more than 960 KiB are logged.',
    });
  });

  test('comes to an end in the log even if it is empty lines', async () => {
    const engine = await engines.engine(({ stdout }) => stdout('\n'.repeat(100_000)));
    const context = runContext();
    await runOn(engine, {}, context);
    expect(context.lines).toHaveLength(MAX_LOGGED_BYTES / LINE_OVERHEAD_BYTES + 1);
  });

  test('has long lines in parts', async () => {
    const engine = await engines.engine(({ stdout }) => stdout('é'.repeat(MAX_LINE_BYTES)));
    const context = runContext();
    await runOn(engine, {}, context);
    expect(context.lines.map(({ message }) => message.length)).toEqual([MAX_LINE_BYTES / 2, MAX_LINE_BYTES / 2]);
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
