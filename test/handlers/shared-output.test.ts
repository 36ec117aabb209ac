import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createProgramOutput, type OutputRules } from '../../src/handlers/shared/program-output.js';
import { createTail } from '../../src/handlers/shared/tail.js';
import { cut, somePlaces } from './pieces.js';
import { messages } from './command-support.js';
import { runContext } from './support.js';

const asItIs = (text: string): string => text;

describe('the end of a stream', () => {
  const tailOf = (maxBytes: number, ...chunks: (string | Buffer)[]) => {
    const tail = createTail(maxBytes, asItIs);
    for (const chunk of chunks) tail.push(Buffer.from(chunk));
    return tail.read();
  };

  test('is kept, without half a character', () => {
    expect(tailOf(8, 'abcdefgh')).toEqual({ text: 'abcdefgh', isCut: false });
    expect(tailOf(8, 'abcdefghi')).toEqual({ text: 'bcdefghi', isCut: true });
    expect(tailOf(8, '日本語日本語')).toEqual({ text: '本語', isCut: true });
  });

  test('written byte by byte, or with bytes that become longer, is not longer', () => {
    const digits = Array.from({ length: 1_000 }, (_, i) => String(i % 10));
    expect(tailOf(100, ...digits)).toEqual({ text: digits.slice(-100).join(''), isCut: true });
    expect(tailOf(30, Buffer.alloc(20, 0xff))).toEqual({ text: '\ufffd'.repeat(10), isCut: true });
  });

  test('is its last bytes, from the beginning of a character on, wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), somePlaces, (text, places) => {
        const bytes = Buffer.byteLength(text);
        const kept = tailOf(16, ...cut(Buffer.from(text), places));
        expect(text.endsWith(kept.text)).toBe(true);
        expect(kept.isCut).toBe(bytes > 16);
        expect(Buffer.byteLength(kept.text)).toBeGreaterThanOrEqual(Math.min(bytes, 13));
        expect(Buffer.byteLength(kept.text)).toBeLessThanOrEqual(16);
      }),
    );
  });

  test('is cleaned before it is measured', () => {
    const tail = createTail(8, (text) => text.replaceAll('a', ''));
    tail.push(Buffer.from('aaaabbbb'));
    expect(tail.read()).toEqual({ text: 'bbbb', isCut: false });
  });
});

describe('the output of a program', () => {
  const outputOf = (rules: Partial<OutputRules> = {}) => {
    const { lines, log } = runContext();
    return { lines, ...createProgramOutput({ log, maxLoggedBytes: 100_000, clean: asItIs, ...rules }) };
  };

  test('has lines longer than 8 KiB logged in marked parts, never with half a character', () => {
    const { lines, stdout } = outputOf();
    stdout.push(Buffer.from(`${'x'.repeat(8_191)}\n${'x'.repeat(8_192)}\n${'😀'.repeat(5_000)}\nend\r`));
    stdout.end();
    const [short, first, rest, left = '', right = '', end] = messages(lines, 'info');
    expect([short, first, rest, end]).toEqual(['x'.repeat(8_191), `${'x'.repeat(8_191)}…`, 'x', 'end']);
    expect([left.length, right.length]).toEqual([8_191, 10_000 - 8_190]);
    expect((left + right).replace('…', '')).toBe('😀'.repeat(5_000));
  });

  test('is logged up to the limit of both streams together, and kept to its end', () => {
    const { lines, stdout, stderr, result } = outputOf({ maxLoggedBytes: 200 });
    stdout.push(Buffer.from('one\n'));
    stderr.push(Buffer.from('two\n'));
    stdout.push(Buffer.from(`${'x'.repeat(100)}\n`));
    stderr.push(Buffer.from('end'));
    stderr.end();
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'info one',
      'warn two',
      'warn The output is over the limit of 200 bytes: the rest of it is not logged.',
    ]);
    expect(result()).toEqual({ stdout: `one\n${'x'.repeat(100)}\n`, stderr: 'two\nend', truncated: false });
  });

  test('is not logged where it is for something else, which only stdout can say', () => {
    const { lines, stdout, stderr } = outputOf({ takes: (line) => line === 'mine' });
    stdout.push(Buffer.from('mine\nyours\n'));
    stderr.push(Buffer.from('mine\n'));
    expect(lines.map(({ message }) => message)).toEqual(['yours', 'mine']);
  });
});
