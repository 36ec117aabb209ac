import { afterEach, describe, expect, test } from '@jest/globals';
import { createEmailHandler } from '../../src/handlers/email/handler.js';
import { eventually } from '../support/eventually.js';
import { emailTo, FROM, mail, type MailServer, refusal, send, startMailServer } from './email-support.js';
import { failureOf, openThings, runContext } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const mailServer = async (options?: Parameters<typeof startMailServer>[0]): Promise<MailServer> =>
  things.keep(await startMailServer(options));

describe('a mail', () => {
  test('reaches each recipient, from the operator, and says which run sent it', async () => {
    const server = await mailServer();
    const handler = things.keep(emailTo(server));
    const result = await send(
      handler,
      mail({
        to: ['ada@example.com', '"Byron, Ada" <ada@b\u00fccher.example>'],
        cc: 'Zoë <zoe@example.com>',
        bcc: ['hidden@example.com'],
        replyTo: 'Help Desk <help@example.com>',
        subject: 'Grüße',
        headers: { 'X-Report': 'daily' },
      }),
    );
    expect(server.received).toHaveLength(1);
    const [received] = server.received;
    const to = ['ada@example.com', 'ada@xn--bcher-kva.example', 'zoe@example.com', 'hidden@example.com'];
    // The server shows international names as they are written.
    const shown = to.map((address) => address.replace('xn--bcher-kva', 'bücher'));
    expect(received).toMatchObject({ from: 'jobs@sender.example', to: shown, body: expect.stringContaining('Hi.') });
    expect(Object.fromEntries(received?.headers ?? [])).toMatchObject({
      from: 'Carillon <jobs@sender.example>',
      to: 'ada@example.com, "Byron, Ada" <ada@xn--bcher-kva.example>',
      cc: expect.stringMatching(/^=\?UTF-8\?.*\?= <zoe@example\.com>$/),
      'reply-to': 'Help Desk <help@example.com>',
      subject: expect.stringMatching(/^=\?UTF-8\?/),
      'message-id': '<run-1.carillon@sender.example>',
      'auto-submitted': 'auto-generated',
      'x-report': 'daily',
      'x-carillon-job-id': 'job-1',
      'x-carillon-run-id': 'run-1',
      date: expect.stringMatching(/ \+0000$/),
    });
    expect(JSON.stringify([...(received?.headers ?? [])])).not.toContain('hidden@');
    expect(result).toEqual({
      messageId: '<run-1.carillon@sender.example>',
      accepted: to,
      rejected: [],
      response: expect.stringMatching(/^250 /),
    });
  });

  test('has both parts when it is given as text and as HTML', async () => {
    const server = await mailServer();
    await send(things.keep(emailTo(server)), mail({ html: '<p>Hi.</p>' }));
    expect(server.received[0]?.headers.get('content-type')).toMatch(/^multipart\/alternative;/);
    expect(server.received[0]?.body).toContain('<p>Hi.</p>');
  });

  test('has the same Message-ID at each attempt of a run', async () => {
    const server = await mailServer();
    const handler = things.keep(emailTo(server));
    for (const attempt of [1, 2]) await send(handler, mail(), { ...runContext(), attempt });
    const ids = server.received.map((received) => received.headers.get('message-id'));
    expect(ids).toEqual(['<run-1.carillon@sender.example>', '<run-1.carillon@sender.example>']);
  });

  test('goes over the connection of the one before it', async () => {
    const server = await mailServer();
    const handler = things.keep(emailTo(server));
    await send(handler);
    // nodemailer takes a connection back on the turn after the answer.
    await new Promise(setImmediate);
    await send(handler);
    expect(server).toMatchObject({ connections: 1, received: [{}, {}] });
  });
});

describe('a line of the log', () => {
  test('counts the recipients, and names addresses in no message', async () => {
    const server = await mailServer({
      onRcptTo: (address, _session, done) => done(address.address.startsWith('bad') ? refusal(550) : null),
    });
    const context = runContext();
    await send(things.keep(emailTo(server)), mail({ to: ['ada@example.com', 'bad@example.com'] }), context);
    expect(context.lines).toMatchObject([
      { level: 'info', message: 'The mail server took the mail for 1 of 2 recipients (250).' },
      {
        level: 'warn',
        message: 'The mail server refused 1 of 2 recipients; the others get the mail.',
        fields: { rejected: ['bad@example.com'] },
      },
    ]);
    expect(context.lines.map((line) => line.message).join()).not.toContain('@');
  });
});

test('a mail that the server takes for some recipients succeeds, and the result lists the others', async () => {
  const server = await mailServer({
    onRcptTo: (address, _session, done) => done(address.address.startsWith('bad') ? refusal(450) : null),
  });
  const result = await send(things.keep(emailTo(server)), mail({ to: ['bad@example.com', 'ada@example.com'] }));
  expect(result).toMatchObject({ accepted: ['ada@example.com'], rejected: ['bad@example.com'] });
});

test('an abort ends the sending and the connection, and the run fails with its reason', async () => {
  let hung = 0;
  let left = 0;
  const server = await mailServer({
    onData: (stream) => {
      hung += 1;
      stream.resume();
    },
    onClose: () => (left += 1),
  });
  const handler = things.keep(emailTo(server));
  const abort = new AbortController();
  const sending = failureOf(send(handler, mail(), runContext(abort.signal)));
  await eventually(() => expect(hung).toBe(1));
  const reason = new Error('cancelled');
  abort.abort(reason);
  expect(await sending).toBe(reason);
  await eventually(() => expect(left).toBe(1));
  expect(server.received).toEqual([]);
});

test('a run that was aborted before it began sends nothing', async () => {
  const server = await mailServer();
  const reason = new Error('cancelled');
  expect(await failureOf(send(things.keep(emailTo(server)), mail(), runContext(AbortSignal.abort(reason))))).toBe(
    reason,
  );
  expect(server.connections).toBe(0);
});

test('closing the handler fails the mails that are still being sent', async () => {
  let hung = 0;
  const server = await mailServer({ onData: () => (hung += 1) });
  const handler = emailTo(server);
  const sending = failureOf(send(handler));
  await eventually(() => expect(hung).toBe(1));
  await handler.close();
  expect(await sending).toMatchObject({ code: 'smtp_unreachable', retryable: true });
});

test('without SMTP_URL a run fails for good, and says what is missing', async () => {
  const failure = await failureOf(send(createEmailHandler({})));
  expect(failure).toMatchObject({ code: 'email_not_configured', retryable: false });
  expect((failure as Error).message).toContain('SMTP_URL');
});

test.each([
  [undefined, /^CARILLON_MAIL_FROM must be .* It is missing\.$/],
  ['no address', /^CARILLON_MAIL_FROM must be /],
  ['a@b.example, c@d.example', /^CARILLON_MAIL_FROM must be /],
])('a sender %j is refused when the handler is made', (from, message) => {
  expect(() => createEmailHandler({ smtpUrl: 'smtp://localhost', ...(from && { from }) })).toThrow(message);
  expect(() => createEmailHandler({ smtpUrl: 'smtp://localhost', from: FROM })).not.toThrow();
});
