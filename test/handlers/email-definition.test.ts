import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { parseMailbox } from '../../src/handlers/email/address.js';
import { emailDefinition } from '../../src/handlers/email/definition.js';

const mail = { to: 'ada@example.com', subject: 'Hello', text: 'Hi.' };
const problems = (payload: unknown) =>
  emailDefinition.payloadSchema.safeParse(payload).error?.issues.map((issue) => [issue.path.join('/'), issue.message]);

test('the definition has a JSON Schema and is not privileged', () => {
  expect(z.toJSONSchema(emailDefinition.payloadSchema)).toBeInstanceOf(Object);
  expect(emailDefinition.privileged).toBeUndefined();
});

test.each([
  [mail],
  [{ ...mail, to: ['ada@example.com', 'Ada Lovelace <ada@example.com>'], text: undefined, html: '<b>Hi</b>' }],
  [{ ...mail, cc: ['a@b.example'], bcc: 'c@d.example', replyTo: 'e@f.example', headers: { 'X-A': 'b' } }],
  [{ ...mail, subject: 'x'.repeat(998), text: 'é'.repeat(24 * 1024) }],
])('the payload %j is accepted and kept as it is', (payload) => {
  expect(emailDefinition.payloadSchema.parse(payload)).toEqual(payload);
});

describe('an address', () => {
  test.each([
    ['ada@example.com', '', 'ada@example.com'],
    ['root@localhost', '', 'root@localhost'],
    ["o'neil+tag=1@a-b.example", '', "o'neil+tag=1@a-b.example"],
    ['Ada Lovelace <ada@example.com>', 'Ada Lovelace', 'ada@example.com'],
    ['"Lovelace, Ada (R&D)" <ada@example.com>', 'Lovelace, Ada (R&D)', 'ada@example.com'],
    ['Žofie <z@example.com>', 'Žofie', 'z@example.com'],
    ['a@bücher.example', '', 'a@xn--bcher-kva.example'],
    ['a@EXAMPLE.com', '', 'a@example.com'],
    ['a@例え.テスト', '', 'a@xn--r8jz45g.xn--zckzah'],
  ])('%j is read as one mailbox', (text, name, address) => {
    expect(parseMailbox(text)).toEqual({ name, address });
  });

  test.each([
    'a@b.example\r\nBcc: x@y.example',
    'a@b.example\nBcc: x@y.example',
    'a@b.example\rBcc: x@y.example',
    'a@b.example\u2028Bcc: x@y.example',
    'a@b.example\u2029Bcc: x@y.example',
    'a@b.example\u0085Bcc: x@y.example',
    'a@b.example\u0000',
    'A\r\nBcc: x@y.example <a@b.example>',
    '"A\r\nBcc: x@y.example" <a@b.example>',
    '\u202eevil <a@b.example>',
    'a@b.example, x@y.example',
    'a@b.example; x@y.example',
    'a@b.example x@y.example',
    'A <a@b.example>, X <x@y.example>',
    'A <a@b.example> <x@y.example>',
    '<a@b.example>',
    'A <a@b.example> x',
    'group: a@b.example, x@y.example;',
    '"a b"@b.example',
    '"a@x.example"@b.example',
    'a(comment)@b.example',
    'a@b.example(comment)',
    'x@y.example <a@b.example>',
    'Doe, John <a@b.example>',
    '"a" b" <a@b.example>',
    '"a\\" <a@b.example>',
    'a@@b.example',
    'a@b@c.example',
    '@b.example',
    'a@',
    'a',
    '',
    ' ',
    ' a@b.example',
    '.a@b.example',
    'a..b@b.example',
    'a.@b.example',
    'ä@b.example',
    'a@-b.example',
    'a@b..example',
    'a@.b.example',
    'a@b.example.',
    'a@[127.0.0.1]',
    'a@127.0.0.1',
    'a@2130706433',
    'a@b.example/path',
    'a@b.example:25',
    'a@b_c.example',
    `${'a'.repeat(65)}@b.example`,
    `a@${'b'.repeat(64)}.example`,
    `a@${'b.'.repeat(126)}example`,
    `${'a'.repeat(60)}@${'b.'.repeat(100)}example`,
    `${'a'.repeat(129)} <a@b.example>`,
    `${'a'.repeat(400)}@b.example`,
  ])('%j is refused, by a sentence that does not repeat it', (text) => {
    expect(parseMailbox(text)).toMatch(/^[A-Z].*\.$/);
    expect(parseMailbox(text)).not.toMatch(/y\.example|Bcc/);
    for (const field of ['to', 'cc', 'bcc', 'replyTo']) {
      expect(problems({ ...mail, [field]: text })).toEqual([[field, parseMailbox(text)]]);
    }
    expect(problems({ ...mail, cc: ['a@b.example', text] })).toEqual([['cc/1', parseMailbox(text)]]);
  });

  test('that is read is always plain ASCII, with one @ and nothing that separates or ends anything', () => {
    const piece = fc.constantFrom(
      'a',
      '@',
      '.',
      '<',
      '>',
      '"',
      ' ',
      ',',
      '\r\n',
      '\\',
      'é',
      '。',
      '\u3000',
      '(',
      ':',
      '1',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const mailbox = parseMailbox(pieces.join(''));
        if (typeof mailbox === 'string') return;
        expect(mailbox.address).toMatch(/^[!-~]+$/);
        expect(mailbox.address).toMatch(/^[^@<>",;:()\\]+@[a-z0-9.-]+$/);
        expect(mailbox.name).not.toMatch(/[\r\n<>"\\@]/);
      }),
      { numRuns: 2_000 },
    );
  });
});

test.each([
  [{ ...mail, to: undefined }, 'to', 'The field to must be an address or a list of 1 to 50 addresses, as strings.'],
  [{ ...mail, to: [] }, 'to', 'The field to must be an address or a list of 1 to 50 addresses, as strings.'],
  [
    { ...mail, to: Array.from({ length: 51 }, () => 'a@b.example') },
    'to',
    'The field to must be an address or a list of 1 to 50 addresses, as strings.',
  ],
  [
    { ...mail, to: [{ address: 'a@b.example' }] },
    'to',
    'The field to must be an address or a list of 1 to 50 addresses, as strings.',
  ],
  [
    { ...mail, cc: { path: '/etc/passwd' } },
    'cc',
    'The field cc must be an address or a list of 1 to 50 addresses, as strings.',
  ],
  [{ ...mail, replyTo: ['a@b.example'] }, 'replyTo', 'The field replyTo must be one address, as a string.'],
  [{ ...mail, subject: undefined }, 'subject', 'The subject must be given, as a string.'],
  [{ ...mail, subject: ' ' }, 'subject', 'The subject must not be empty.'],
  [{ ...mail, subject: 'x'.repeat(999) }, 'subject', 'The subject must have at most 998 characters.'],
  [{ ...mail, text: { path: '/etc/passwd' } }, 'text', 'The field text must be a string.'],
  [{ ...mail, html: { href: 'http://127.0.0.1/' } }, 'html', 'The field html must be a string.'],
  [{ ...mail, text: '' }, 'text', 'The field text must not be empty.'],
  [{ ...mail, text: 'é'.repeat(24 * 1024 + 1) }, 'text', 'The field text must be at most 48 KiB of UTF-8.'],
  [{ to: 'a@b.example', subject: 'x' }, 'text', 'A mail needs a text or an html.'],
  [{ ...mail, from: 'a@b.example' }, '', 'An email job has no field from.'],
  [{ ...mail, attachments: [{ path: '/etc/passwd' }] }, '', 'An email job has no field attachments.'],
  [{ ...mail, headers: [] }, 'headers', 'The field headers must be an object of strings.'],
  [{ ...mail, headers: { 'X-A': 1 } }, 'headers/X-A', 'A header value in headers must be a string.'],
  [
    { ...mail, headers: Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`X-${n}`, ''])) },
    'headers',
    'At most 10 headers can be given.',
  ],
  [
    { ...mail, headers: { 'X-A': '1', 'x-a': '2' } },
    'headers/x-a',
    'A header is given twice, in different letter case.',
  ],
  ['x', '', 'The payload of an email job must be an object with to and subject.'],
])('%j is refused, and the message names the field', (payload, path, message) => {
  expect(problems(payload)).toEqual([[path, message]]);
});

test.each(['\r\nBcc: x@y.example', '\n', '\r', '\u0000', '\u0085', '\u2028', '\u2029', '\t'])(
  'a subject or a header value with %j is refused',
  (injected) => {
    expect(problems({ ...mail, subject: `a${injected}b` })).toEqual([
      ['subject', 'The subject must hold no line breaks or control characters.'],
    ]);
    expect(problems({ ...mail, headers: { 'X-A': `a${injected}b` } })).toEqual([
      ['headers/X-A', 'The value of the header X-A must hold no line breaks or control characters.'],
    ]);
    expect(problems({ ...mail, headers: { [`X-A${injected}b`]: 'a' } })).toHaveLength(1);
  },
);

test.each([
  'Bcc',
  'From',
  'Content-Type',
  'X',
  'X-',
  'X-A: b',
  'X A',
  'Xé',
  'X-Carillon-Run-Id',
  'X-SMTPAPI',
  'x-mc-bccaddress',
  'X-SES-SOURCE-ARN',
])('a header named %s is refused', (name) => {
  expect(problems({ ...mail, headers: JSON.parse(`{${JSON.stringify(name)}:"a"}`) })).toEqual([
    [`headers/${name}`, expect.stringMatching(/\.$/)],
  ]);
  expect(problems({ ...mail, headers: { 'X-Fine': 'a' } })).toBeUndefined();
});
