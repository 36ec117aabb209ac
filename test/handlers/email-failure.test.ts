import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { createEmailHandler } from '../../src/handlers/email/handler.js';
import { emailTo, FROM, mail, refusal, send, startMailServer, trackSockets } from './email-support.js';
import { failureOf, openThings, runContext } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

/** How each command can be answered with a code, with the recipient's address in the words as real servers do. */
const words = (address: string): string => `<${address}> canary`;
const phases: [string, (code: number) => SMTPServerOptions][] = [
  ['MAIL FROM', (code) => ({ onMailFrom: (address, _session, done) => done(refusal(code, words(address.address))) })],
  ['RCPT TO', (code) => ({ onRcptTo: (address, _session, done) => done(refusal(code, words(address.address))) })],
  [
    'DATA',
    (code) => ({
      onData: (stream, _session, done) => {
        stream.resume().on('end', () => done(refusal(code, words('ada@example.com'))));
      },
    }),
  ],
];

describe.each(phases)('the answer to %s', (command, answering) => {
  test.each([421, 450, 451, 452])('%i may be tried again', async (code) => {
    const server = things.keep(await startMailServer(answering(code)));
    const failure = await failureOf(send(things.keep(emailTo(server))));
    expect(failure).toMatchObject({ code: 'smtp_temporary', retryable: true });
    expect((failure as Error).message).toContain(`answered ${code}`);
  });

  test.each([550, 552, 554])('%i fails for good, and tells the code but no address', async (code) => {
    const server = things.keep(await startMailServer(answering(code)));
    const context = runContext();
    const failure = await failureOf(send(things.keep(emailTo(server)), mail(), context));
    expect(failure).toMatchObject({ code: 'smtp_rejected', retryable: false });
    expect((failure as Error).message).toBe(`The mail server refused the mail: it answered ${code} to ${command}.`);
    expect(inspect(failure, { depth: 9 })).not.toMatch(/canary|ada@/);
    // Who may read the payload finds the server's words in the log.
    expect(context.lines).toMatchObject([{ level: 'warn', fields: { response: expect.stringContaining('canary') } }]);
  });
});

test('of recipients that are all refused, one that is only deferred makes it worth another attempt', async () => {
  const answers: Record<string, number> = { 'a@example.com': 450, 'b@example.com': 550 };
  const server = things.keep(
    await startMailServer({
      onRcptTo: (address, _session, done) => done(refusal(answers[address.address] ?? 550)),
    }),
  );
  const handler = things.keep(emailTo(server));
  const failure = await failureOf(send(handler, mail({ to: ['a@example.com', 'b@example.com'] })));
  expect(failure).toMatchObject({ code: 'smtp_temporary', retryable: true });
});

test('a connection outlives a mail that was refused on it', async () => {
  const server = things.keep(
    await startMailServer({
      onRcptTo: (address, _session, done) => done(address.address.startsWith('bad') ? refusal(550) : null),
    }),
  );
  const handler = things.keep(emailTo(server));
  await failureOf(send(handler, mail({ to: 'bad@example.com' })));
  expect(await send(handler)).toMatchObject({ accepted: ['ada@example.com'] });
});

describe('the connection', () => {
  test('being refused may be tried again, and the message tells no address', async () => {
    const server = await startMailServer();
    await server.close();
    const failure = await failureOf(send(things.keep(emailTo(server))));
    expect(failure).toMatchObject({
      code: 'smtp_unreachable',
      retryable: true,
      message: 'The exchange with the mail server failed (ECONNREFUSED).',
    });
  });

  test.each([
    ['before a greeting', ''],
    ['after something that is no SMTP', 'SSH-2.0-x\r\n'],
    ['after a greeting', '220 hello\r\n'],
  ])('closing %s may be tried again', async (_case, sent) => {
    const server = createServer((socket) => socket.end(sent));
    const { destroyAll } = trackSockets(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    things.keep({ close: async () => void (destroyAll(), server.close()) });
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const failure = await failureOf(send(things.keep(emailTo({ host }))));
    expect(failure).toMatchObject({ code: 'smtp_unreachable', retryable: true });
  });
});

describe('credentials', () => {
  const canary = 'canary-pass%word';
  const withAuth = (host: string) =>
    things.keep(
      createEmailHandler({ smtpUrl: `smtp://canary-user:${encodeURIComponent(canary)}@${host}`, from: FROM }),
    );

  test('that are right let the mail through', async () => {
    const server = things.keep(
      await startMailServer({
        authOptional: false,
        allowInsecureAuth: true,
        onAuth: ({ username, password }, _session, done) =>
          username === 'canary-user' && password === canary ? done(null, { user: 1 }) : done(refusal(535)),
      }),
    );
    expect(await send(withAuth(server.host))).toMatchObject({ accepted: ['ada@example.com'] });
  });

  test.each([535, 534])('that are wrong (%i) fail for good, and stand in no error and no line', async (code) => {
    const server = things.keep(
      await startMailServer({
        allowInsecureAuth: true,
        onAuth: ({ username, password }, _session, done) => done(refusal(code, `${username} ${password} is wrong`)),
      }),
    );
    const context = runContext();
    const failure = await failureOf(send(withAuth(server.host), mail(), context));
    expect(failure).toMatchObject({ code: 'smtp_auth', retryable: false });
    expect(inspect([failure, context.lines], { depth: 9 })).not.toContain('canary');
  });

  test('that the server cannot check now may be tried again', async () => {
    const server = things.keep(
      await startMailServer({ allowInsecureAuth: true, onAuth: (_auth, _session, done) => done(refusal(454)) }),
    );
    expect(await failureOf(send(withAuth(server.host)))).toMatchObject({ code: 'smtp_temporary', retryable: true });
  });

  test('that are missing where the server wants some fail for good', async () => {
    const server = things.keep(await startMailServer({ authOptional: false, allowInsecureAuth: true }));
    expect(await failureOf(send(things.keep(emailTo(server))))).toMatchObject({ code: 'smtp_auth', retryable: false });
  });
});
