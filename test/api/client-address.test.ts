import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import { callerOfAddress, clientAddressReader } from '../../src/api/client-address.js';

function addressOf(from: string | undefined, forwarded: string | undefined, trusted: string[] = []): string {
  const request = { socket: { remoteAddress: from }, headers: { 'x-forwarded-for': forwarded } };
  return clientAddressReader(trusted)(request as unknown as IncomingMessage);
}

const proxies = ['10.0.0.0/8', 'fd00::/8', '192.0.2.7'];

test.each<[string, string | undefined, string | undefined, string]>([
  ['a proxy that is trusted tells the client', '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['what the client wrote itself does not count', '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['nor when it names a proxy', '10.0.0.1', '10.0.0.5, 203.0.113.9', '203.0.113.9'],
  ['several trusted proxies are passed', '10.0.0.1', '203.0.113.9, 192.0.2.7, 10.1.1.1', '203.0.113.9'],
  ['one that is not trusted is the client', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
  ['a proxy that tells nothing is the client', '10.0.0.1', undefined, '10.0.0.1'],
  ['what is no address ends it', '10.0.0.1', '203.0.113.9, unknown', '10.0.0.1'],
  ['where all are proxies the first is the client', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['a port does not matter', '10.0.0.1', '203.0.113.9:4711', '203.0.113.9'],
  ['nor that of an IPv6 address', 'fd00::1', '[2001:db8::9]:4711', '2001:db8::9'],
  ['IPv4 within IPv6 is IPv4', '::ffff:10.0.0.1', '::ffff:203.0.113.9', '203.0.113.9'],
  ['of a connection that is gone nothing is known', undefined, '203.0.113.9', 'unknown'],
])('%s', (_what, from, forwarded, client) => {
  expect(addressOf(from, forwarded, proxies)).toBe(client);
});

test('without trusted proxies nobody is believed', () => {
  expect(addressOf('127.0.0.1', '203.0.113.9')).toBe('127.0.0.1');
});

test('a /64 of IPv6 counts as one caller, an IPv4 address as itself', () => {
  const [a, b, other] = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '2001:db8:1:3::1'].map(callerOfAddress);
  expect(a).toBe('2001:db8:1:2::/64');
  expect(b).toBe(a);
  expect(other).not.toBe(a);
  expect(callerOfAddress('203.0.113.9')).toBe('203.0.113.9');
});
