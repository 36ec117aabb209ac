import { describe, expect, test } from '@jest/globals';
import { httpRequestOf } from '../../src/crontab/index.js';
import { httpPayload } from '../../src/handlers/http/definition.js';

const url = 'https://shop.example/cron.php?key=1';
const get = { method: 'GET', url };
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

describe('the plain call of a URL is an http payload', () => {
  test.each([
    [`curl ${url}`, get],
    [`/usr/bin/curl ${url}`, get],
    [`  curl\t ${url}  `, get],
    [`curl -f -s -S -L -o /dev/null ${url}`, get],
    [`curl -fsSL ${url}`, get],
    [`curl -fsSLo /dev/null ${url}`, get],
    [`curl -so/dev/null ${url}`, get],
    [`curl --silent --fail --show-error --location --output /dev/null ${url}`, get],
    [`curl ${url} -s`, get],
    [`curl -s ${url} >/dev/null 2>&1`, get],
    [`curl -s ${url} > /dev/null 2>&1`, get],
    [`curl -s ${url}>/dev/null 2>&1`, get],
    [`curl -s ${url} >>/dev/null 2>/dev/null`, get],
    [`curl -s ${url} 1>/dev/null`, get],
    [`curl -s ${url} 2>&1 >/dev/null`, get],
    [`curl -s ${url} &>/dev/null`, get],
    [`curl -s 'https://a.example/?b=1&c=$d'`, { method: 'GET', url: 'https://a.example/?b=1&c=$d' }],
    [`curl -s "https://a.example/?b=1&c=2"`, { method: 'GET', url: 'https://a.example/?b=1&c=2' }],
    [`curl -s https://a.example/?b=1\\&c=2#d`, { method: 'GET', url: 'https://a.example/?b=1&c=2#d' }],
    [`curl -s https://a.example/'b'"c"d2>/dev/null`, { method: 'GET', url: 'https://a.example/bcd2' }],
    [`curl -X DELETE ${url}`, { method: 'DELETE', url }],
    [`curl -XPOST ${url}`, { method: 'POST', url }],
    [`curl --request PUT ${url}`, { method: 'PUT', url }],
    [`curl -m 10 ${url}`, { ...get, timeout: 'PT10S' }],
    [`curl --max-time 2.5 ${url}`, { ...get, timeout: 'PT2.5S' }],
    [
      `curl -H 'Authorization: Bearer a b' -H "X-Key:1" ${url}`,
      { ...get, headers: { Authorization: 'Bearer a b', 'X-Key': '1' } },
    ],
    [`curl -d 'a=1&b=2' ${url}`, { method: 'POST', url, headers: FORM, body: 'a=1&b=2' }],
    [`curl -d '' ${url}`, { method: 'POST', url, headers: FORM, body: '' }],
    [`curl --data-raw '@a' ${url}`, { method: 'POST', url, headers: FORM, body: '@a' }],
    [
      `curl -X PATCH -H 'content-type: application/json' -d "{\\"a\\": \\"\\$b\\"}" ${url}`,
      { method: 'PATCH', url, headers: { 'content-type': 'application/json' }, body: '{"a": "$b"}' },
    ],
    [`wget -q ${url}`, get],
    [`wget -q -O /dev/null ${url}`, get],
    [`wget -O - -q '${url}' >/dev/null 2>&1`, get],
    [`wget -qO- ${url}`, get],
    [`wget --quiet --output-document=/dev/null ${url}`, get],
    [`/usr/local/bin/wget -q ${url}`, get],
  ])('%s', (command, payload) => {
    expect(httpRequestOf(command)).toEqual(payload);
    expect(httpPayload.parse(payload)).toEqual(payload);
  });
});

describe('anything else is a command', () => {
  test.each([
    '',
    'curl',
    'curl -s',
    'wget',
    `echo ${url}`,
    `sudo curl ${url}`,
    `A=b curl ${url}`,
    `./curl ${url}`,
    `curlie ${url}`,
    // what a shell would do more than call
    `curl ${url} | sh`,
    `curl ${url} && echo done`,
    `curl ${url} || true`,
    `curl ${url}; ls`,
    `curl ${url} &`,
    `curl ${url}&a=2`,
    `curl ${url} >/dev/null 2>&1 &`,
    `curl ${url} >/var/log/a`,
    `curl ${url} >/dev/nullable`,
    `curl ${url} </dev/null`,
    `curl $URL`,
    `curl "https://a.example/$A"`,
    'curl https://a.example/`date`',
    'curl "https://a.example/`date`"',
    `(curl ${url})`,
    `curl ${url} # why`,
    `curl ~/${url}`,
    `curl -d ~/a ${url}`,
    `curl ${url} -d #a`,
    'curl https://a.example/*',
    `curl ${url}\nls`,
    `curl '${url}`,
    `curl "${url} >/dev/null 2>&1`,
    `curl ${url}\\`,
    `curl ${url} \\>/dev/null`,
    // what curl and wget would do more, or otherwise
    `curl ${url} ${url}`,
    `wget ${url} ${url}`,
    `curl -k ${url}`,
    `curl -sk ${url}`,
    `curl --insecure ${url}`,
    `curl -u a:b ${url}`,
    `curl --retry 5 ${url}`,
    `curl --output=/dev/null ${url}`,
    `curl -o out.html ${url}`,
    `curl -O ${url}`,
    `curl ${url} -o`,
    `curl ${url} -X`,
    `curl -X get ${url}`,
    `curl -X PURGE ${url}`,
    `curl -X POST -X PUT ${url}`,
    `curl -X GET -d a ${url}`,
    `curl -d @file ${url}`,
    `curl -d a -d b ${url}`,
    `curl -m 0 ${url}`,
    `curl -m 3601 ${url}`,
    `curl -m ten ${url}`,
    `curl -H @file ${url}`,
    `curl -H 'A;' ${url}`,
    `curl -H 'A:' ${url}`,
    `curl -H 'A: 1' -H 'a: 2' ${url}`,
    `curl -H '\u00e9: 1' ${url}`,
    `curl -H 'A: \u20ac' ${url}`,
    'curl a.example',
    'curl ftp://a.example/b',
    'curl file:///etc/passwd',
    'curl https://u:p@a.example/',
    "curl 'https://a.example/[1-3]'",
    "curl 'https://a.example/{b,c}'",
    "curl 'https://a.example/b c'",
    'curl https://',
    `curl https://a.example/${'b'.repeat(1_000)}`,
    `wget -q -O a.html ${url}`,
    `wget -q --spider ${url}`,
    `wget -q -O ${url}`,
    `wget -q --output-document ${url}`,
    `wget --post-data=a ${url}`,
    `curl --constructor ${url}`,
  ])('%j', (command) => {
    expect(httpRequestOf(command)).toBeNull();
  });
});

test.each([
  ...[
    'Host',
    'host',
    'Connection',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Upgrade',
  ],
  ...['Transfer-Encoding', 'HTTP2-Settings', 'Content-Length', 'Expect', 'Accept-Encoding', 'X-Carillon-Run-Id'],
  ...[
    'Proxy-Authenticate',
    '__proto__',
    'Accept',
    'Cookie',
    'Content-Type',
    'X-Api-Key',
    'Proxy-Other',
    'constructor',
    'PRIVATE-TOKEN',
  ],
])('the header %s is taken exactly if an http job takes it', (name) => {
  const payload: unknown = { url, headers: JSON.parse(`{"${name}": "a"}`) as unknown };
  const taken = httpRequestOf(`curl -H '${name}: a' ${url}`) !== null;
  expect(taken).toBe(name !== '__proto__' && httpPayload.safeParse(payload).success);
});
