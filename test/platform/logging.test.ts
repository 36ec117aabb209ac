import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { createLogger } from '../../src/platform/logging.js';

function listening() {
  const lines: { jobId?: string; err?: { message: string } }[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => (lines.push(JSON.parse(chunk.toString()) as object), done()),
  });
  return { lines, logger: createLogger({ service: 'test', level: 'info' }, sink) };
}

test('a line is one JSON object with its time, level, service and ids', () => {
  const { lines, logger } = listening();
  logger.child({ jobId: 'j' }).info({ runId: 'r' }, 'begun');
  expect(lines).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      service: 'test',
      pid: process.pid,
      jobId: 'j',
      runId: 'r',
      msg: 'begun',
    },
  ]);
});

test('fields that are not on the list are left out, so that a body or headers get in by no mistake', () => {
  const { lines, logger } = listening();
  logger.warn({ body: 'canary', headers: { authorization: 'canary' }, payload: 'canary', jobId: 'j' }, 'x');
  expect(JSON.stringify(lines)).not.toContain('canary');
  expect(lines[0]).toMatchObject({ jobId: 'j' });
});

test('of an error its kind, message, code, place and causes are told, and nothing that hangs on it', () => {
  const { lines, logger } = listening();
  const cause = Object.assign(new Error('row refused'), {
    code: '23514',
    detail: 'Failing row contains (canary)',
    where: 'canary',
  });
  logger.error({ err: new Error('could not write', { cause }) }, 'x');
  expect(lines[0]?.err).toMatchObject({
    type: 'Error',
    message: 'could not write',
    stack: expect.arrayContaining([expect.stringMatching(/^at /)]),
    cause: { message: 'row refused', code: '23514' },
  });
  expect(JSON.stringify(lines)).not.toContain('canary');
});

test('of an error about something sealed its place is told, and nothing else of it', () => {
  const { lines, logger } = listening();
  const sealed = {
    table: 'jobs',
    kind: 'payload',
    id: 'j1',
    keyId: undefined,
    bytes: 'canary',
    plain: { a: 'canary' },
  };
  logger.error({ err: Object.assign(new Error('changed'), { sealed }) }, 'x');
  expect(lines[0]?.err).toMatchObject({ sealed: { table: 'jobs', kind: 'payload', id: 'j1' } });
  expect(JSON.stringify(lines)).not.toContain('canary');
});

test('the arguments that Prisma quotes in its messages are left out', () => {
  const { lines, logger } = listening();
  const error = new Error(
    '\nInvalid `prisma.node.create()` invocation:\n{ data: { id: "canary" } }\n\nUnknown argument `x`.',
  );
  error.name = 'PrismaClientValidationError';
  logger.error({ err: error }, 'x');
  expect(lines[0]?.err?.message).toBe('Unknown argument `x`.');
  expect(JSON.stringify(lines)).not.toContain('canary');
});

test('an error thrown with a chain of causes that bites its tail ends', () => {
  const { lines, logger } = listening();
  const error = new Error('x');
  error.cause = error;
  logger.error({ err: error }, 'y');
  expect(lines).toHaveLength(1);
});
