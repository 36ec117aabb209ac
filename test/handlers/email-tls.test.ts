import { afterEach, describe, expect, test } from '@jest/globals';
import { createEmailHandler } from '../../src/handlers/email/handler.js';
import { parseSmtpUrl } from '../../src/handlers/email/smtp-url.js';
import { selfSigned } from './certificate.js';
import { emailTo, FROM, mail, send, startMailServer } from './email-support.js';
import { failureOf, openThings } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const withStartTls = () => startMailServer({ ...selfSigned('localhost'), disabledCommands: [] });

describe('STARTTLS', () => {
  test('is used on loopback when offered, whatever the certificate', async () => {
    const server = things.keep(await withStartTls());
    await send(things.keep(emailTo(server)));
    expect(server.received).toMatchObject([{ secure: true }]);
  });

  test('is not missed on loopback', async () => {
    const server = things.keep(await startMailServer());
    await send(things.keep(emailTo(server)));
    expect(server.received).toMatchObject([{ secure: false }]);
  });

  test('fails the run for good when it is required and missing, and nothing is sent', async () => {
    const server = things.keep(await startMailServer());
    const failure = await failureOf(send(things.keep(emailTo(server, '?requireTLS=true')), mail()));
    expect(failure).toMatchObject({ code: 'smtp_tls', retryable: false });
    expect(server.received).toEqual([]);
  });

  test('fails the run for good when it is required and nobody vouches for the certificate', async () => {
    const server = things.keep(await withStartTls());
    const failure = await failureOf(send(things.keep(emailTo(server, '?requireTLS=true'))));
    expect(failure).toMatchObject({
      code: 'smtp_tls',
      retryable: false,
      message: 'No secure connection to the mail server could be made (DEPTH_ZERO_SELF_SIGNED_CERT).',
    });
    expect(server.received).toEqual([]);
  });
});

test('smtps:// trusts no certificate that nobody vouches for', async () => {
  const server = things.keep(await startMailServer({ ...selfSigned('localhost'), secure: true }));
  const handler = things.keep(createEmailHandler({ smtpUrl: `smtps://${server.host}`, from: FROM }));
  expect(await failureOf(send(handler))).toMatchObject({ code: 'smtp_tls', retryable: false });
  expect(server.received).toEqual([]);
});

describe('SMTP_URL', () => {
  test.each([
    ['smtp://localhost', { host: 'localhost', port: 587, secure: false, requireTls: false, auth: undefined }],
    ['smtp://127.0.0.1:25/', { host: '127.0.0.1', port: 25, requireTls: false }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, requireTls: false }],
    ['smtp://mail.example.com', { port: 587, secure: false, requireTls: true }],
    ['smtp://mail.example.com?requireTLS=false', { requireTls: false }],
    ['smtp://localhost?requireTLS=true', { requireTls: true }],
    ['smtps://mail.example.com', { port: 465, secure: true, requireTls: true }],
    ['smtps://a%40b:p%3As%25@mail.example.com:2465', { port: 2465, auth: { user: 'a@b', pass: 'p:s%' } }],
  ])('%s is understood', (url, server) => {
    expect(parseSmtpUrl(url)).toMatchObject(server);
  });

  test.each([
    'canary',
    'http://u:canary@mail.example.com',
    'smtp://',
    'smtp://u:canary@mail.example.com/path',
    'smtp://u:canary@mail.example.com?debug=true',
    'smtp://u:canary@mail.example.com?requireTLS=maybe',
    'smtp://u:canary%zz@mail.example.com',
  ])('%s is refused by a sentence that repeats nothing of it', (url) => {
    const refused = (): unknown => parseSmtpUrl(url);
    expect(refused).toThrow(/SMTP_URL.*\.$/);
    expect(refused).not.toThrow(/canary/);
  });
});
