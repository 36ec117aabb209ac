import { expect, test } from '@jest/globals';
import { contractBreaches, type SeenAnswer } from './contract-check.js';

/** That the check of all answers finds what differs from the document. */
const headers = {
  'content-type': 'application/json; charset=utf-8',
  'x-request-id': 'a',
  traceresponse: 'b',
  location: '/c',
};
const body = { jobId: '0198c0de-7a1b-7c3d-8e4f-1234567890ab', status: 'submitted' };
const answer: SeenAnswer = { status: 201, headers, text: JSON.stringify(body) };
const breaches = (change: Partial<SeenAnswer>) => contractBreaches('POST', '/api/jobs?x=1', { ...answer, ...change });

test('an answer as documented is in order', () => {
  expect(breaches({})).toEqual([]);
});

test.each<[string, Partial<SeenAnswer>, RegExp]>([
  ['a status', { status: 418 }, /418, which is not documented/],
  ['a type', { headers: { ...headers, 'content-type': 'text/html' } }, /as "text\/html"/],
  ['a field too many', { text: JSON.stringify({ ...body, secret: 1 }) }, /additional properties/],
  ['a field too few', { text: JSON.stringify({ status: 'submitted' }) }, /required property 'jobId'/],
  ['a value', { text: JSON.stringify({ ...body, jobId: 'x' }) }, /jobId must match/],
])('%s that the document does not have is found', (_what, change, expected) => {
  expect(breaches(change).join()).toMatch(expected);
});

test('a header that must be there and is not is found', () => {
  const { location: _, ...others } = headers;
  expect(breaches({ headers: others })).toEqual(['POST /api/jobs answered 201 without the header Location']);
});

test('a refusal where nothing is routed must be a problem', () => {
  const refused = contractBreaches('GET', '/api/nowhere', { ...answer, status: 404, text: '{}' });
  expect(refused).toEqual(['a refusal as "application/json"']);
});
