import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { SubmitJob } from '../../src/contract/messages.js';
import { httpDefinition } from '../../src/handlers/http/definition.js';
import { writeSigningKey } from '../../src/handlers/http/signature.js';
import { openThings, type Received, run } from './support.js';

const things = openThings();
afterEach(() => things.closeAll());

const guide = readFileSync('docs/guides/handlers/http.md', 'utf8');
const blocksOf = (kind: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text ?? '');

const jobs = blocksOf('json job').map((text) => SubmitJob.parse(JSON.parse(text)));

test.each(jobs)('the job $jobName of the guide is accepted', (job) => {
  expect(job.handler).toBe('http');
  expect(httpDefinition.payloadSchema.parse(job.payload)).toEqual(job.payload);
});

/** Each reads a list of [headers, body, secret], and prints as JSON which of the requests it takes as genuine. */
const programs = {
  Node: (code: string) => [
    'node',
    '--input-type=module',
    '-e',
    `${code}
console.log(JSON.stringify(JSON.parse(process.argv[1]).map((each) => isGenuine(...each))))`,
  ],
  Python: (code: string) => [
    'python3',
    '-c',
    `${code}
import json, sys
print(json.dumps([is_genuine(headers, body.encode(), secret) for headers, body, secret in json.loads(sys.argv[1])]))`,
  ],
};

test.each([
  ['Node', 'js verify'],
  ['Python', 'python verify'],
] as const)('the lines for %s take what was sent, by each key, and nothing else', async (language, kind) => {
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)] as const;
  const [newer, older] = keys.map(writeSigningKey);
  const sink = await things.sink();
  await run(things.handler(undefined, undefined, { signingKeys: async () => keys }), { url: sink.url, body: 'é' });
  const [{ headers, body }] = sink.received as [Received];
  const genuine = [
    [headers, body, newer],
    [headers, body, older],
  ];
  const forged = [
    [headers, 'e', newer],
    [headers, body, writeSigningKey(Buffer.alloc(32, 3))],
    [{ ...headers, 'webhook-id': 'run-2' }, body, newer],
    [{ ...headers, 'webhook-timestamp': '1' }, body, newer],
    [{ ...headers, 'webhook-signature': 'v1,é v1 ,' }, body, newer],
  ];
  const [code = ''] = blocksOf(kind);
  const [file = '', ...args] = programs[language](code);
  const { stdout } = await promisify(execFile)(file, [...args, JSON.stringify([...genuine, ...forged])]);
  expect(JSON.parse(stdout)).toEqual([true, true, false, false, false, false, false]);
});
