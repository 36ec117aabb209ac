import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Lookup } from '../../src/handlers/http/connector.js';
import type { HttpHandler } from '../../src/handlers/http/handler.js';
import { startDnsServer } from './dns-server.js';
import { failureOf, openThings, run, runContext } from './support.js';

const things = openThings();

/** Sockets that this process made to go out, to wherever: where a test cannot listen, there is still none of these. */
let outgoing = 0;
const count = () => void (outgoing += 1);
beforeEach(() => {
  outgoing = 0;
  subscribe('net.client.socket', count);
});
afterEach(async () => {
  unsubscribe('net.client.socket', count);
  await things.closeAll();
});

const words = (text: string) => text.trim().split(/\s+/);

/** All that anyone learns of an attempt: the failure and the log of its run. */
async function whatIsTold(handler: HttpHandler, url: string): Promise<string> {
  const context = runContext();
  const error = await failureOf(run(handler, { url }, context));
  const { name, code, message, retryable, retryAfterMs } = error as Record<string, unknown>;
  expect({ name, code, retryable }).toEqual({ name: 'NonRetryableError', code: 'address_denied', retryable: false });
  return JSON.stringify([{ name, code, message, retryable, retryAfterMs }, context.lines]);
}

/** The same is told of each URL whether its port is open or not; and the sink, on all addresses, sees no connection. */
async function expectNothingLearnt(hosts: readonly string[], handler: HttpHandler, scheme = 'http'): Promise<void> {
  const sink = await things.sink(undefined, '::');
  const urls = hosts.map((host) => `${scheme}://${host}:${sink.port}/`);
  const open = await Promise.all(urls.map((url) => whatIsTold(handler, url)));
  expect(sink.connections).toBe(0);
  await sink.close();
  const closed = await Promise.all(urls.map((url) => whatIsTold(handler, url)));
  expect(closed).toEqual(open);
  expect(outgoing).toBe(0);
}

describe('no connection is made, and nothing is learnt, of a forbidden address', () => {
  test.each([
    ['in decimal', '2130706433 3232235521 2852039166 0 4294967295'],
    ['in octal', '0177.0.0.1 017700000001 0300.0250.0.1 0251.0376.0251.0376'],
    ['in hex', '0x7f000001 0x7f.0x0.0x0.0x1 0x7f.1 0XA9FEA9FE 0xc0.0xa8.0.1'],
    ['cut short', '127.1 127.0.1 10.1 192.168.1 169.254.43518 0'],
    ['with dots at the end', '127.0.0.1. 2130706433. 0x7f.1.'],
    ['in full-width digits and other dots', '１２７.０.０.１ 127。0。0。1 127．0．0．1 ①②⑦.⓪.⓪.① ｌｏｃａｌｈｏｓｔ'],
    ['with escapes', '127.0.0.%31 %31%32%37.0.0.1 loc%61lhost'],
    ['as loopback', '127.0.0.1 127.255.255.254 localhost LOCALHOST [::1] [0:0:0:0:0:0:0:1] [::0001]'],
    ['as unspecified', '0.0.0.0 0.1.2.3 [::] [0::0]'],
    ['mapped to IPv6', '[::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:10.0.0.1] [::ffff:0:127.0.0.1]'],
    ['compatible with IPv6', '[::127.0.0.1] [::7f00:1] [::a9fe:a9fe]'],
    [
      'carried by 6to4, NAT64 or Teredo',
      '[2002:7f00:1::] [2002:a9fe:a9fe::1] [64:ff9b::127.0.0.1] [64:ff9b::a9fe:a9fe]',
    ],
    ['carried by NAT64 of a network, or Teredo', '[64:ff9b:1::7f00:1] [2001:0:7f00:1::] [2001::80ff:fffe]'],
    ['as private', '10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 [fc00::1] [fd12:3456::1] [fec0::1]'],
    ['as link-local', '169.254.0.1 169.254.255.255 [fe80::1] [febf::1]'],
    ['as metadata', '169.254.169.254 169.254.170.2 100.100.100.200 192.0.0.192 168.63.129.16 [fd00:ec2::254]'],
    ['as shared or protocol space', '100.64.0.1 100.127.255.255 192.0.0.1 192.0.0.170 198.18.0.1 198.19.255.255'],
    ['as documentation', '192.0.2.1 198.51.100.1 203.0.113.1 [2001:db8::1] [3fff::1]'],
    ['as multicast, broadcast or reserved', '224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 [ff02::1] [ff0e::1]'],
    ['as anycast or discard', '192.88.99.1 192.31.196.1 192.52.193.1 192.175.48.1 [100::1] [5f00::1] [4000::1]'],
  ])('%s', async (_case, hosts) => {
    await expectNothingLearnt(words(hosts), things.handler(''));
  });

  test('over https', async () => {
    await expectNothingLearnt(words('127.0.0.1 2130706433 [::1] localhost 10.0.0.1'), things.handler(''), 'https');
  });

  test('in any of its spellings', async () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const network = fc.constantFrom([127], [10], [0], [169, 254], [192, 168], [172, 16], [100, 64], [224], [255]);
    const spelling = fc.constantFrom(
      (value: number) => String(value),
      (value: number) => `0${value.toString(8)}`,
      (value: number) => `0x${value.toString(16)}`,
      (value: number) => `0x000${value.toString(16).toUpperCase()}`,
    );
    const address = fc
      .tuple(network, fc.array(byte, { minLength: 4, maxLength: 4 }))
      .map(([first, rest]) => [...first, ...rest].slice(0, 4));
    // The last part may stand for all the bytes that are left.
    const host = fc
      .tuple(address, fc.integer({ min: 1, max: 4 }), fc.array(spelling, { minLength: 4, maxLength: 4 }))
      .map(([bytes, parts, spell]) => {
        const last = bytes.slice(parts - 1).reduce((sum, each) => sum * 256 + each, 0);
        return [...bytes.slice(0, parts - 1), last].map((value, index) => spell[index]?.(value)).join('.');
      });
    const handler = things.handler('');
    await fc.assert(
      fc.asyncProperty(host, async (name) => {
        await whatIsTold(handler, `http://${name}:9/`);
      }),
      { numRuns: 200 },
    );
    expect(outgoing).toBe(0);
  });

  test.each(
    words('[fe80::1%25lo] [fe80::1%lo] u:p@127.0.0.1 8.8.8.8@127.0.0.1 127.0.0.1%00.example 1.2.3.4.5 0x100000000'),
  )('in a form that is no URL of a job at all: %s', async (host) => {
    const sink = await things.sink(undefined, '::');
    await expect(run(things.handler(''), { url: `http://${host}:${sink.port}/` })).rejects.toThrow('The URL must');
    expect(outgoing).toBe(0);
  });
});

describe('a name is judged by what it resolves to', () => {
  const names: Record<string, string[]> = {
    'metadata.google.internal': ['169.254.169.254'],
    'instance-data.ec2.internal': ['fd00:ec2::254', '169.254.169.254'],
    'localhost.': ['127.0.0.1', '::1'],
    'db.internal': ['10.1.2.3'],
    'mapped.example': ['::ffff:127.0.0.1'],
    'zoned.example': ['fe80::1%lo'],
    'any.example': ['0.0.0.0', '::'],
    'nothing-public.example': ['127.0.0.1', '10.0.0.1', '::1', '64:ff9b::7f00:1'],
    'not-an-address.example': ['127.0.0.1.', '0x7f.1', 'localhost', ''],
    'xn--127-0--yq6h.example': ['127.0.0.1'],
  };
  const lookup: Lookup = async (name) => (names[name] ?? []).map((address) => ({ address, family: 4 }));

  test('and nothing is learnt of a forbidden one', async () => {
    await expectNothingLearnt(Object.keys(names), things.handler('', lookup));
  });

  test('not even the address, which may be known inside only', async () => {
    const told = await whatIsTold(things.handler('', lookup), 'http://db.internal/');
    expect(told).not.toContain('10.1.2.3');
    expect(told).toContain('The host db.internal resolves to an address that is not public');
  });

  test.each([
    ['first', ['127.91.82.73', '127.0.0.2']],
    ['last', ['127.0.0.2', '127.91.82.73']],
  ])(
    'with an allowed and a forbidden address (%s the allowed), the forbidden one is never tried',
    async (_case, mix) => {
      const forbidden = await things.sink(undefined, '127.0.0.2');
      const mixed: Lookup = async () => mix.map((address) => ({ address, family: 4 }));
      const handler = things.handler(`127.91.82.73:${forbidden.port}`, mixed);
      // Nobody listens at the allowed one, which no other test uses: a connection that tried the next address would find the sink.
      const failure = await failureOf(run(handler, { url: `http://mixed.example:${forbidden.port}/` }));
      expect(failure).toMatchObject({ code: 'http_network', retryable: true });
      expect(forbidden.connections).toBe(0);
      expect(outgoing).toBe(1);
    },
  );
});

describe('a DNS server that first names an allowed address, and then a forbidden one', () => {
  const rebinding = async () => things.keep(await startDnsServer((question) => [`127.0.0.${Math.min(question, 2)}`]));

  test('is asked once for a connection, which goes to the address that was judged', async () => {
    const server = await rebinding();
    const sink = await things.sink(undefined, '0.0.0.0');
    const handler = things.handler('127.0.0.1', server.lookup);
    expect(await run(handler, { url: `http://rebind.example:${sink.port}/` })).toMatchObject({ status: 200 });
    expect(server.questions).toBe(1);
    expect(sink.received[0]?.headers.host).toBe(`rebind.example:${sink.port}`);
  });

  test('gets no second connection', async () => {
    const server = await rebinding();
    const sink = await things.sink((_request, response) => response.setHeader('connection', 'close').end(), '0.0.0.0');
    const handler = things.handler('127.0.0.1', server.lookup);
    const url = `http://rebind.example:${sink.port}/`;
    expect(await run(handler, { url })).toMatchObject({ status: 200 });
    await whatIsTold(handler, url);
    expect(sink.connections).toBe(1);
    expect(server.questions).toBe(2);
  });

  test('gains nothing by a redirect to its own name', async () => {
    const server = await rebinding();
    const sink = await things.sink((_request, response) => {
      response.writeHead(307, { location: '/again', connection: 'close' }).end();
    }, '0.0.0.0');
    await whatIsTold(things.handler('127.0.0.1', server.lookup), `http://rebind.example:${sink.port}/`);
    expect(sink.received.map(({ url }) => url)).toEqual(['/']);
    expect(sink.connections).toBe(1);
  });

  test('gains nothing by naming both at once', async () => {
    const server = things.keep(await startDnsServer(() => ['127.0.0.2', '127.0.0.3']));
    const sink = await things.sink(undefined, '0.0.0.0');
    await whatIsTold(things.handler('127.0.0.1', server.lookup), `http://both.example:${sink.port}/`);
    expect(sink.connections).toBe(0);
  });
});

describe.each([301, 302, 303, 307, 308])('a redirect (%i) inwards is denied, and nothing is learnt', (status) => {
  test.each([
    ['to an address', 'http://127.0.0.2:PORT/'],
    ['to an address in decimal', 'http://2130706434:PORT/'],
    ['to a mapped address', 'http://[::ffff:127.0.0.2]:PORT/'],
    ['to a name', 'http://inside.example:PORT/'],
    ['to https of an address', 'https://127.0.0.2:PORT/'],
    ['to https of a name', 'https://inside.example:PORT/'],
    ['without a scheme', '//127.0.0.2:PORT/'],
    ['with backslashes', '\\\\127.0.0.2:PORT\\'],
    ['with a tab in the scheme', 'ht\ttp://127.0.0.2:PORT/'],
    ['to the metadata service', 'http://169.254.169.254/latest/meta-data/'],
  ])('%s', async (_case, location) => {
    const inside = await things.sink(undefined, '127.0.0.2');
    const outside = await things.sink((_request, response) =>
      response.writeHead(status, { location: location.replace('PORT', String(inside.port)) }).end(),
    );
    const lookup: Lookup = async () => [{ address: '127.0.0.2', family: 4 }];
    const handler = things.handler(`127.0.0.1:${outside.port}`, lookup);
    const open = await whatIsTold(handler, outside.url);
    expect(inside.connections).toBe(0);
    await inside.close();
    expect(await whatIsTold(handler, outside.url)).toBe(open);
    // One to the sink outside, and another if it had to be made again.
    expect(outgoing).toBe(outside.connections);
    expect(outside.received).toHaveLength(2);
  });
});
