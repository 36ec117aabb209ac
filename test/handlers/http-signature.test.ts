import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { parseSigningKey, signatureHeaders, writeSigningKey } from '../../src/handlers/http/signature.js';
import { failureOf, openThings, type Received, run, runContext } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const key = Buffer.alloc(32, 7);
const older = randomBytes(24);
const signedBy = (...keys: Buffer[]) => things.handler(undefined, undefined, { signingKeys: async () => keys });

/** As a receiver does it, with the library of the standard; throws when the request is not signed by the key. */
const verify = ({ body, headers }: Received, by: Buffer) =>
  new Webhook(writeSigningKey(by)).verify(body, headers as Record<string, string>, { jsonParse: false });

describe("a receiver can verify a request with the standard's library", () => {
  test.each([
    ['of JSON', { a: 'é😀', b: [1, null] }],
    ['of text', 'plain é\r\n'],
    ['that is empty', ''],
    ['that is left out', undefined],
  ])('with a body %s', async (_case, body) => {
    const sink = await things.sink();
    await run(signedBy(key), { url: sink.url, ...(body === undefined ? {} : { body }) });
    const [request] = sink.received as [Received];
    verify(request, key);
    expect(request.headers['webhook-id']).toBe('run-1');
    expect(() => verify({ ...request, body: `${request.body} ` }, key)).toThrow('No matching signature');
    expect(() => verify(request, older)).toThrow('No matching signature');
  });

  test('by each key of a rotation, the newest first', async () => {
    const sink = await things.sink();
    await run(signedBy(key, older), { url: sink.url, body: { a: 1 } });
    const [request] = sink.received as [Received];
    verify(request, key);
    verify(request, older);
    const both = String(request.headers['webhook-signature']).split(' ');
    expect(both).toHaveLength(2);
    verify({ ...request, headers: { ...request.headers, 'webhook-signature': both[0] } }, key);
  });
});

test('a known message has the known signature', () => {
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1_614_265_330,
    body: Buffer.from('{"test": 2432232314}'),
  };
  expect(signatureHeaders([parseSigningKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')], message)).toEqual([
    ['webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek'],
    ['webhook-timestamp', '1614265330'],
    ['webhook-signature', 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='],
  ]);
});

test('attempts of a run have one id, a timestamp each, and are verified each', async () => {
  const answers = [500, 500, 200];
  const sink = await things.sink((_request, response) => response.writeHead(answers.shift() ?? 200).end());
  const handler = signedBy(key);
  const attempt = (number: number) => run(handler, { url: sink.url, body: 'x' }, { ...runContext(), attempt: number });
  for (const number of [1, 2]) {
    expect(await failureOf(attempt(number))).toMatchObject({ code: 'http_status', retryable: true });
  }
  expect(await attempt(3)).toMatchObject({ status: 200 });
  expect(sink.received.map(({ headers }) => [headers['webhook-id'], headers['x-carillon-attempt']])).toEqual([
    ['run-1', '1'],
    ['run-1', '2'],
    ['run-1', '3'],
  ]);
  for (const request of sink.received) verify(request, key);
});

test('the keys are those of the project, and of its newest five', async () => {
  const sink = await things.sink();
  const keys = Array.from({ length: 6 }, () => randomBytes(64));
  const asked: string[] = [];
  const signingKeys = async (projectId: string) => {
    asked.push(projectId);
    return keys;
  };
  await run(things.handler(undefined, undefined, { signingKeys }), { url: sink.url });
  expect(asked).toEqual(['project-1']);
  const [request] = sink.received as [Received];
  for (const used of keys.slice(0, 5)) verify(request, used);
  expect(() => verify(request, keys[5] as Buffer)).toThrow('No matching signature');
});

test('a project without keys sends no webhook headers', async () => {
  const sink = await things.sink();
  await run(signedBy(), { url: sink.url });
  await run(things.handler(), { url: sink.url });
  expect(sink.received).toHaveLength(2);
  for (const { headers } of sink.received) {
    expect(Object.keys(headers).filter((name) => name.startsWith('webhook-'))).toEqual([]);
  }
});

describe('nothing is sent unsigned', () => {
  test.each([
    ['cannot be read', () => Promise.reject(new Error('canary'))],
    ['are too short to be keys', async () => [randomBytes(23)]],
  ])('when the keys %s', async (_case, signingKeys) => {
    const sink = await things.sink();
    const context = runContext();
    const failure = await failureOf(
      run(things.handler(undefined, undefined, { signingKeys }), { url: sink.url }, context),
    );
    expect(failure).toMatchObject({
      code: 'signing_keys_unavailable',
      retryable: true,
      message: "The project's signing keys could not be read, so nothing was sent.",
    });
    expect(context.lines.map(({ fields }) => fields)).toMatchObject([{ error: 'signing_keys_unavailable' }]);
    expect(sink.connections).toBe(0);
  });

  test("and waiting for the keys ends with the run's signal", async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled by a user');
    const signingKeys = () => {
      queueMicrotask(() => cancel.abort(reason));
      return new Promise<Buffer[]>(() => undefined);
    };
    const handler = things.handler(undefined, undefined, { signingKeys });
    expect(await failureOf(run(handler, { url: 'http://127.0.0.1:1/' }, runContext(cancel.signal)))).toBe(reason);
  });
});

describe('after a redirect', () => {
  const webhookHeaders = ({ headers }: Received) => Object.keys(headers).filter((name) => name.startsWith('webhook-'));

  test('within the origin the request is signed as it is then sent', async () => {
    const sink = await things.sink(({ url }, response) => {
      response.writeHead(url === '/end' ? 200 : 303, url === '/end' ? {} : { location: '/end' }).end();
    });
    await run(signedBy(key), { url: sink.url, body: { a: 1 } });
    expect(sink.received.map(({ method, body }) => [method, body])).toEqual([
      ['POST', '{"a":1}'],
      ['GET', ''],
    ]);
    for (const request of sink.received) verify(request, key);
  });

  test.each([302, 307])('(%i) to another origin no signature goes along, nor on the way back', async (status) => {
    const there: { url?: string } = {};
    const other = await things.sink((_request, response) =>
      response.writeHead(status, { location: `${there.url}/chosen-by-the-other` }).end(),
    );
    const sink = await things.sink(({ url }, response) => {
      response.writeHead(url === '/' ? status : 200, url === '/' ? { location: other.url } : {}).end();
    });
    there.url = sink.url;
    await run(signedBy(key), { url: sink.url, body: 'x', headers: { 'X-Api-Key': 'k' } });
    const [first, back] = sink.received as [Received, Received];
    verify(first, key);
    expect(other.received.map(webhookHeaders)).toEqual([[]]);
    expect(back.url).toBe('/chosen-by-the-other');
    expect(webhookHeaders(back)).toEqual([]);
    expect([first, ...other.received, back].map(({ headers }) => headers['x-api-key'])).toEqual([
      'k',
      undefined,
      undefined,
    ]);
  });
});

describe('a signing key', () => {
  test.each([24, 32, 64])('of %i bytes is written and read again', (size) => {
    const bytes = randomBytes(size);
    expect(writeSigningKey(bytes)).toBe(`whsec_${bytes.toString('base64')}`);
    expect(parseSigningKey(writeSigningKey(bytes)).equals(bytes)).toBe(true);
  });

  test.each([0, 23, 65])('of %i bytes is refused', (size) => {
    const bytes = Buffer.alloc(size, 1);
    const message = `A signing key has 24 to 64 bytes; this one has ${size}.`;
    expect(() => writeSigningKey(bytes)).toThrow(message);
    expect(() => parseSigningKey(`whsec_${bytes.toString('base64')}`)).toThrow(message);
  });

  test.each([
    ['canary', 'A signing key must start with whsec_.'],
    [`WHSEC_${key.toString('base64')}`, 'A signing key must start with whsec_.'],
    [`whsec_${key.toString('base64').replace(/=+$/, '')}`, 'A signing key must be whsec_ and padded base64.'],
    [`whsec_${key.toString('base64')} `, 'A signing key must be whsec_ and padded base64.'],
    ['whsec_canary!', 'A signing key must be whsec_ and padded base64.'],
  ])('%s is refused, and the text not repeated', (text, message) => {
    expect(() => parseSigningKey(text)).toThrow(new Error(message));
  });
});
