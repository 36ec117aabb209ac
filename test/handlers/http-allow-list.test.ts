import { expect, test } from '@jest/globals';
import { isPermitted } from '../../src/handlers/http/address-guard.js';
import { parseAllowList } from '../../src/handlers/http/allow-list.js';

const permits = (list: string, hostname: string, port: number, address = hostname) =>
  isPermitted(parseAllowList(list), { hostname, port }, address);

test.each(['', '   '])('an empty list (%j) allows nothing more than public addresses', (text) => {
  expect(permits(text, '127.0.0.1', 80)).toBe(false);
  expect(permits(text, '93.184.215.14', 80)).toBe(true);
});

test.each([
  ['127.0.0.1:9000', '127.0.0.1', 9_000],
  ['127.0.0.1', '127.0.0.1', 1],
  ['10.0.0.0/8', '10.255.0.1', 80],
  ['10.0.0.0/8:443', '10.1.2.3', 443],
  ['[::1]:9000', '::1', 9_000],
  ['[::1]', '::1', 80],
  ['::1', '::1', 80],
  ['fd00::/8', 'fd12::1', 80],
  ['[fd00::/8]:443', 'fd12::1', 443],
  ['0.0.0.0/0', '169.254.169.254', 80],
  ['127.0.0.1', '::ffff:7f00:1', 80],
  [' 192.168.0.1 , 10.0.0.0/8 ', '10.0.0.1', 80],
])('%j allows %s on port %i', (list, address, port) => {
  expect(permits(list, address, port)).toBe(true);
});

test.each([
  ['127.0.0.1:9000', '127.0.0.1', 9_001],
  ['127.0.0.1:9000', '127.0.0.2', 9_000],
  ['10.0.0.0/8', '127.0.0.1', 80],
  ['10.0.0.0/8:443', '10.1.2.3', 80],
  ['[::1]:9000', '::1', 80],
  ['[::1]:9000', '127.0.0.1', 9_000],
  ['0.0.0.0/0', '::1', 80],
  ['127.0.0.1', '::7f00:1', 80],
])('%j does not allow %s on port %i', (list, address, port) => {
  expect(permits(list, address, port)).toBe(false);
});

test('a listed name is allowed whatever it resolves to, on its port, in any letter case and with a final dot', () => {
  const list = 'Internal.example:443,localhost,db_1.local.';
  expect(permits(list, 'internal.example', 443, '10.0.0.1')).toBe(true);
  expect(permits(list, 'internal.example.', 443, '10.0.0.1')).toBe(true);
  expect(permits(list, 'localhost', 1, '::1')).toBe(true);
  expect(permits(list, 'db_1.local', 1, '192.168.1.1')).toBe(true);

  expect(permits(list, 'internal.example', 80, '10.0.0.1')).toBe(false);
  expect(permits(list, 'sub.internal.example', 443, '10.0.0.1')).toBe(false);
  expect(permits(list, 'other.example', 443, '10.0.0.1')).toBe(false);
});

test('a listed name is not allowed by its address: 127.0.0.1 is another spelling than localhost', () => {
  expect(permits('localhost', '127.0.0.1', 80)).toBe(false);
});

test.each([
  ['127.0.0.1:0', 'the port must be a number from 1 to 65535'],
  ['127.0.0.1:65536', 'the port must be a number from 1 to 65535'],
  ['localhost:http', 'the port must be a number from 1 to 65535'],
  ['localhost:', 'the port must be a number from 1 to 65535'],
  ['[::1]:', 'the port must be a number from 1 to 65535'],
  ['10.0.0.0/33', 'the prefix length must be a number from 0 to 32'],
  ['10.0.0.0/', 'the prefix length must be a number from 0 to 32'],
  ['10.0.0.0/8/8', 'the prefix length must be a number from 0 to 32'],
  ['fd00::/129', 'the prefix length must be a number from 0 to 128'],
  ['10.1.2.3/8', 'write 10.0.0.0/8 for the whole range, or the address alone'],
  ['fd00::1/8', 'write fd00::/8 for the whole range, or the address alone'],
  ['10.0.0/8', 'it is no IP address or CIDR'],
  ['example.com/8', 'it is no IP address or CIDR'],
  ['::1::2', 'it is no IP address or CIDR'],
  ['fe80::1%eth0', 'an IPv6 zone cannot be given'],
  ['[127.0.0.1]:80', 'brackets are for IPv6 addresses'],
  ['[::1', 'it is no IP address or CIDR'],
  ['2130706433', 'write an IPv4 address as four decimal numbers'],
  ['0x7f.1', 'write an IPv4 address as four decimal numbers'],
  ['010.0.0.1', 'write an IPv4 address as four decimal numbers'],
  ['300.0.0.1', 'write an IPv4 address as four decimal numbers'],
  ['*.example.com', 'wildcards cannot be used'],
  ['*', 'wildcards cannot be used'],
  ['exa mple.com', 'it is no IP address, CIDR or host name'],
  ['bücher.example', 'it is no IP address, CIDR or host name'],
  ['-a.example', 'it is no IP address, CIDR or host name'],
  ['a..example', 'it is no IP address, CIDR or host name'],
  ['', 'it is empty'],
  [':80', 'it is empty'],
])('the entry %j is refused with a sentence', (entry, why) => {
  expect(() => parseAllowList(`localhost,${entry}`)).toThrow(`CARILLON_HTTP_ALLOW has a bad entry "${entry}": ${why}`);
});

test('a URL in the list is refused', () => {
  expect(() => parseAllowList('http://example.com')).toThrow('bad entry "http://example.com"');
});
