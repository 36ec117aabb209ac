import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { selfSigned } from './certificate.js';
import { failureOf, openThings, run } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

test('a certificate that nobody vouches for is a failure for good, and nothing is sent', async () => {
  let requests = 0;
  const server = createServer(selfSigned('localhost'), (_request, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  things.keep({ close: async () => void server.close() });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const failure = await failureOf(run(things.handler(), { url, headers: { Authorization: 'Bearer s' } }));
  expect(failure).toMatchObject({ code: 'http_tls', retryable: false });
  expect((failure as Error).message).toBe(
    'No secure connection to the server could be made (DEPTH_ZERO_SELF_SIGNED_CERT).',
  );
  expect(requests).toBe(0);
});

test('a server that speaks no TLS is a failure for good', async () => {
  const sink = await things.sink();
  const failure = await failureOf(run(things.handler(), { url: sink.url.replace('http:', 'https:') }));
  expect(failure).toMatchObject({ code: 'http_tls', retryable: false });
});
