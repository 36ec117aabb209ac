import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksumPayload } from '../definitions.js';
import { checksum } from '../handlers.js';

/** What Carillon hands a handler, as far as this one uses it. */
function contextWith(signal = new AbortController().signal) {
  const told = { lines: [], fractions: [] };
  const context = {
    signal,
    log: (level, message) => told.lines.push({ level, message }),
    progress: (fraction) => told.fractions.push(fraction),
  };
  return { context, told };
}

test('the checksum of abc is the one in FIPS 180-2, and is logged', async () => {
  const { context, told } = contextWith();
  const result = await checksum.run(context, { text: 'abc' });
  assert.equal(result.sha256, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.equal(told.lines.length, 1);
});

test('many rounds say how far they are', async () => {
  const { context, told } = contextWith();
  await checksum.run(context, { text: 'abc', rounds: 4_000 });
  assert.deepEqual(told.fractions, [0.25, 0.5, 0.75, 1]);
});

test('an aborted run stops', async () => {
  const { context } = contextWith(AbortSignal.abort(new Error('cancelled')));
  await assert.rejects(checksum.run(context, { text: 'abc', rounds: 10_000_000 }), /cancelled/);
});

test('a bad payload is refused with the name of its field', () => {
  const messageOf = (payload) => checksumPayload.safeParse(payload).error?.issues[0]?.message;
  assert.equal(messageOf({ text: 'abc', rounds: 3 }), undefined);
  assert.equal(messageOf({}), 'text must be given, as a string.');
  assert.equal(messageOf({ text: 'abc', rounds: 0 }), 'rounds must be at least 1.');
  assert.equal(messageOf({ text: 'abc', times: 2 }), 'A checksum job has no field times.');
});
