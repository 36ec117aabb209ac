import { afterEach, describe, expect, test } from '@jest/globals';
import { isPermitted } from '../../src/handlers/http/address-guard.js';
import { parseAllowList } from '../../src/handlers/http/allow-list.js';
import { NonRetryableError } from '../../src/handlers/handler.js';
import { failureOf, openThings, run } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const nothing = parseAllowList('');
const isPublic = (address: string) => isPermitted(nothing, { hostname: address, port: 80 }, address);

const words = (text: string) => text.trim().split(/\s+/);

test.each(
  words(`
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.1.1 192.175.48.1
    198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
    :: ::1 ::7f00:1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:0:8.8.8.8 64:ff9b::7f00:1 64:ff9b::8.8.8.8
    64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:808:808::1
    2620:4f:8000::1 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo fec0::1 ff02::1 ffff::1 nonsense
  `),
)('%p is not public', (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each(
  words(`
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255
    172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 198.17.255.255 223.255.255.255
    2606:4700:4700::1111 2001:4860:4860::8888 2a00:1450:4009::1 2003::1
  `),
)('%p is public', (address) => {
  expect(isPublic(address)).toBe(true);
});

describe('no connection is made to a forbidden address, however it is spelt', () => {
  test.each(
    words(`
      127.0.0.1 2130706433 0x7f000001 017700000001 0x7f.1 127.1 127.0.1 0177.0.0.1 127.0.0.1. 127.0.0.%31 １２７.0.0.1
      0 0.0.0.0 [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::7f00:1] [::]
      [64:ff9b::127.0.0.1] [2002:7f00:1::] localhost LOCALHOST
    `),
  )('%p', async (host) => {
    const sink = await things.sink();
    const failure = await failureOf(run(things.handler('127.0.0.1:1'), { url: `http://${host}:${sink.port}/` }));
    expect(failure).toBeInstanceOf(NonRetryableError);
    expect(failure).toMatchObject({ code: 'address_denied', retryable: false });
    expect((failure as Error).message).toContain('CARILLON_HTTP_ALLOW');
    expect(sink.connections).toBe(0);
  });

  test('and over https', async () => {
    const sink = await things.sink();
    const failure = await failureOf(run(things.handler(''), { url: `https://127.0.0.1:${sink.port}/` }));
    expect(failure).toMatchObject({ code: 'address_denied' });
    expect(sink.connections).toBe(0);
  });
});

test('the failure is the same whether the port is open or not', async () => {
  const sink = await things.sink();
  const handler = things.handler('');
  const open = (await failureOf(run(handler, { url: sink.url }))) as Error;
  await sink.close();
  const closed = (await failureOf(run(handler, { url: sink.url }))) as Error;
  expect(open.message).toBe(
    `The address 127.0.0.1 is not public, so http jobs may not call it; an operator can allow it by listing 127.0.0.1:${sink.port} in CARILLON_HTTP_ALLOW.`,
  );
  expect(closed.message).toBe(open.message);
});

test.each(['127.0.0.1', '127.0.0.0/8', '127.0.0.1:PORT'])(
  'the same address is called where the list has %s',
  async (entry) => {
    const sink = await things.sink();
    const handler = things.handler(entry.replace('PORT', String(sink.port)));
    expect(await run(handler, { url: `http://2130706433:${sink.port}/` })).toMatchObject({ status: 200, body: 'ok' });
  },
);

test('an IPv6 literal is called where the list has it', async () => {
  const sink = await things.sink(undefined, '::1');
  expect(await run(things.handler(`[::1]:${sink.port}`), { url: sink.url })).toMatchObject({ status: 200 });
});

test('localhost is called where the list has the name, or the address it resolves to', async () => {
  const sink = await things.sink();
  const url = `http://localhost:${sink.port}/`;
  const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
  expect(await run(things.handler(`localhost:${sink.port}`), { url })).toMatchObject({ status: 200 });
  expect(await run(things.handler('127.0.0.1', lookup), { url })).toMatchObject({ status: 200 });

  const failure = await failureOf(run(things.handler('localhost:1', lookup), { url }));
  expect(failure).toMatchObject({ code: 'address_denied' });
  expect((failure as Error).message).toBe(
    `The host localhost resolves to an address that is not public, so http jobs may not call it; an operator can allow it by listing localhost:${sink.port} in CARILLON_HTTP_ALLOW.`,
  );
});

test('of several resolved addresses only the allowed ones are connected to', async () => {
  const allowed = await things.sink();
  const lookup = async () => [
    { address: '127.0.0.2', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  const url = `http://two.example:${allowed.port}/`;
  expect(await run(things.handler('127.0.0.1', lookup), { url })).toMatchObject({ status: 200 });
});

test('a name that resolves to no address at all is a failure of the network', async () => {
  const failure = await failureOf(
    run(
      things.handler('', async () => []),
      { url: 'http://none.example/' },
    ),
  );
  expect(failure).toMatchObject({ code: 'http_network', retryable: true });
});

describe('a name that resolves differently the second time (DNS rebinding)', () => {
  /** First the allowed address, then the forbidden one. */
  const rebinding = () => {
    let calls = 0;
    const lookup = async () => [{ address: (calls += 1) === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    return { lookup, calls: () => calls };
  };

  test('is resolved once for a connection, which goes to the address that was checked', async () => {
    const sink = await things.sink();
    const { lookup, calls } = rebinding();
    const result = await run(things.handler('127.0.0.1', lookup), { url: `http://rebind.example:${sink.port}/` });
    expect(result).toMatchObject({ status: 200 });
    expect(calls()).toBe(1);
  });

  test('is judged anew for the next connection, redirects included', async () => {
    const sink = await things.sink(({ url }, response) => {
      response.writeHead(url === '/' ? 302 : 200, { location: '/again', connection: 'close' }).end();
    }, '0.0.0.0');
    const { lookup } = rebinding();
    const handler = things.handler('127.0.0.1', lookup);
    const failure = await failureOf(run(handler, { url: `http://rebind.example:${sink.port}/` }));
    expect(failure).toMatchObject({ code: 'address_denied' });
    expect(sink.received.map(({ url }) => url)).toEqual(['/']);
    expect(sink.connections).toBe(1);
  });

  test('and what the socket reached is checked again before anything is sent', async () => {
    const sink = await things.sink(undefined, '0.0.0.0');
    // An answer that changes between the check and the connection.
    const changing = { family: 4, address: '' };
    let reads = 0;
    Object.defineProperty(changing, 'address', { get: () => ((reads += 1) === 1 ? '127.0.0.1' : '127.0.0.2') });
    const handler = things.handler('127.0.0.1', async () => [changing]);
    const failure = await failureOf(run(handler, { url: `http://rebind.example:${sink.port}/` }));
    expect(failure).toMatchObject({ code: 'address_denied' });
    expect(sink.received).toEqual([]);
  });
});
