import { afterEach, describe, expect, test } from '@jest/globals';
import { createContainerHandler } from '../../src/handlers/container/handler.js';
import { isImageAllowed, parseImageAllowList } from '../../src/handlers/container/image-allow-list.js';
import { canonicalName, parseImageReference } from '../../src/handlers/container/image-reference.js';
import { openEngines, runOn } from './container-support.js';
import { failureOf } from './support.js';

const engines = openEngines();
afterEach(() => engines.closeAll());

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

test.each([
  ['alpine', 'docker.io/library/alpine:latest'],
  ['alpine:3.20', 'docker.io/library/alpine:3.20'],
  ['library/alpine', 'docker.io/library/alpine:latest'],
  ['docker.io/alpine', 'docker.io/library/alpine:latest'],
  ['index.docker.io/alpine', 'docker.io/library/alpine:latest'],
  ['team/app', 'docker.io/team/app:latest'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['registry:5000/app:1', 'registry:5000/app:1'],
  ['registry:5000', 'docker.io/library/registry:5000'],
  ['ghcr.io/team/app', 'ghcr.io/team/app:latest'],
  ['[::1]:5000/app', '[::1]:5000/app:latest'],
  [`alpine@${A}`, `docker.io/library/alpine@${A}`],
  [`alpine:3.20@${A}`, `docker.io/library/alpine@${A}`],
  ['a__b/c--d.e_f:V_1.0-x', 'docker.io/a__b/c--d.e_f:V_1.0-x'],
  // By these alone an engine would also take images by their id.
  ['deadbeef', 'docker.io/library/deadbeef:latest'],
  ['a'.repeat(64), `docker.io/library/${'a'.repeat(64)}:latest`],
  [A, `docker.io/library/${A}`],
])('the engine is asked for %s as %s', (text, canonical) => {
  const image = parseImageReference(text);
  expect(image && canonicalName(image)).toBe(canonical);
});

test.each([
  ...['', ' alpine', 'alpine ', 'Alpine', 'alpine:', ':3', 'alpine@', 'alpine@sha256:abc', 'alpine@md5:abc', '/alpine'],
  ...[
    'alpine/',
    'a//b',
    'a/../b',
    '../alpine',
    'alpine:a/b',
    'alpine:-1',
    'alpine:.1',
    'al pine',
    'alpine\n',
    'alpine?x=1',
  ],
  ...[
    'https://docker.io/alpine',
    'user:pass@host/app',
    'host:port/app',
    'a..b',
    'a___b',
    '-a',
    'a-',
    'EVIL.io/app',
    'алпине',
  ],
  `alpine:${'t'.repeat(129)}`,
  `alpine@${A}@${B}`,
  `alpine@${A.toUpperCase()}`,
])('%j is no image reference', (text) => {
  expect(parseImageReference(text)).toBeUndefined();
});

describe('a list of', () => {
  const allows = (entries: string[], text: string): boolean => {
    const image = parseImageReference(text);
    if (!image) throw new Error(`${text} is no reference`);
    return isImageAllowed(parseImageAllowList(entries), image);
  };

  test.each([
    ['nothing allows', [], ['alpine', 'evil.io/alpine']],
    [
      'alpine allows',
      ['alpine'],
      [
        'alpine',
        'alpine:3.20',
        `alpine@${A}`,
        `alpine:x@${A}`,
        'docker.io/library/alpine',
        'library/alpine',
        'index.docker.io/alpine',
      ],
    ],
    ['a tag allows', ['alpine:3.20'], ['alpine:3.20', 'docker.io/library/alpine:3.20']],
    ['the tag latest allows', ['alpine:latest'], ['alpine', 'alpine:latest']],
    ['a digest allows', [`alpine@${A}`], [`alpine@${A}`, `alpine:whatever@${A}`]],
    ['a folder allows', ['ghcr.io/team/*'], ['ghcr.io/team/app', 'ghcr.io/team/deep/app:1']],
    ['a registry allows', ['localhost:5000/*'], ['localhost:5000/app', 'localhost:5000/team/app']],
    ['Docker Hub allows', ['docker.io/*'], ['alpine', 'team/app', 'docker.io/x']],
    ['the official images allows', ['docker.io/library/*'], ['alpine', 'library/alpine']],
    ['a folder of Docker Hub allows', ['team/*'], ['team/app', 'docker.io/team/app']],
    ['several allows', ['alpine', 'ghcr.io/team/*'], ['alpine', 'ghcr.io/team/app']],
  ])('%s what it says', (_case, entries, texts) => {
    for (const text of texts) expect([text, allows(entries, text)]).toEqual([text, true]);
  });

  test.each([
    [
      'alpine allows none',
      ['alpine'],
      [
        'evil.io/alpine',
        'evil.io/library/alpine',
        'evil/alpine',
        'alpine-evil',
        'alpine/evil',
        'alpine.evil.io/x',
        'localhost/alpine',
        'docker.io.evil.io/library/alpine',
        'registry-1.docker.io/library/alpine',
        'evil.io/docker.io/library/alpine',
        'docker.io/library/alpine/x',
      ],
    ],
    [
      'a tag allows none',
      ['alpine:3.20'],
      ['alpine', 'alpine:3.2', 'alpine:3.20.1', 'alpine:3.20-evil', `alpine:3.20@${A}`, `alpine@${A}`],
    ],
    [
      'a digest allows none',
      [`alpine@${A}`],
      [`alpine@${B}`, 'alpine', `evil.io/alpine@${A}`, `alpine:${'a'.repeat(64)}`],
    ],
    [
      'a folder allows none',
      ['ghcr.io/team/*'],
      [
        'ghcr.io/team',
        'ghcr.io/team-evil/app',
        'ghcr.io/teamx/app',
        'evil.io/ghcr.io/team/app',
        'ghcr.io:444/team/app',
        'team/app',
      ],
    ],
    ['a registry allows none', ['localhost:5000/*'], ['localhost:50001/app', 'localhost/app', 'evil.io/localhost/app']],
    ['the official images allows none', ['docker.io/library/*'], ['team/app', 'evil.io/library/alpine']],
    ['ids allows none', ['docker.io/library/alpine'], ['deadbeef', 'a'.repeat(64), A]],
  ])('%s that only look like it', (_case, entries, texts) => {
    for (const text of texts) expect([text, allows(entries, text)]).toEqual([text, false]);
  });

  test.each([
    '',
    '*',
    '/*',
    'al*',
    '*/alpine',
    'alpine:*',
    'alpine:3.20/*',
    'team/*/app',
    'https://ghcr.io/*',
    'Alpine',
    'ghcr.io/',
    `alpine@${A}/*`,
  ])('images is refused for the entry %j', (entry) => {
    expect(() => createContainerHandler({ node: 'node-1', allowedImages: ['alpine', entry] })).toThrow(
      `The list of allowed images has a bad entry "${entry}"`,
    );
  });
});

test('an image that is not listed fails for good, before the engine hears of it; a listed one runs', async () => {
  const engine = await engines.engine();
  const allowedImages = ['docker.io/library/alpine'];
  expect(await runOn(engine, {}, undefined, { allowedImages })).toMatchObject({ exitCode: 0 });
  engine.requests.length = 0;
  expect(await failureOf(runOn(engine, { image: 'evil.io/alpine:3.20' }, undefined, { allowedImages }))).toMatchObject({
    code: 'image_denied',
    retryable: false,
    message: 'The image evil.io/alpine:3.20 is not among those that this node may run.',
  });
  expect(engine.requests).toEqual([]);
});
