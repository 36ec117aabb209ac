import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { apiUrl, readyText } from '../../src/platform/embedded/banner.js';
import { projectRoot, readDevConfig } from '../../src/platform/embedded/dev-config.js';

describe('the environment of npm start', () => {
  test('may be empty', () => {
    expect(readDevConfig({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: undefined,
      postgresPort: undefined,
      temporalAddress: undefined,
      temporalPort: 7233,
      temporalUiPort: 8233,
      dataDir: path.join(projectRoot, '.carillon'),
    });
  });

  test('counts a variable that is set to nothing as not set', () => {
    expect(readDevConfig({ DATABASE_URL: '', PORT: '' })).toMatchObject({ databaseUrl: undefined, port: 8080 });
  });

  test.each(['abc', '0', '65536', '-1', '80.5', '1e3', ' 80', '000000080'])('refuses a port of %j', (port) => {
    expect(() => readDevConfig({ PORT: port })).toThrow('PORT must be a whole number from 1 to 65535.');
  });

  test('has all its faults said at once, without what was in the variable', () => {
    const read = () => readDevConfig({ PORT: 'secret', TEMPORAL_PORT: 'secret' });
    expect(read).toThrow(/^PORT must .*\nTEMPORAL_PORT must /);
    expect(read).not.toThrow(/secret/);
  });
});

describe('what is printed when all is up', () => {
  const text = (env: NodeJS.ProcessEnv): string => readyText(readDevConfig(env), '/a b/admin-key', 2_345);

  test('can be pasted into a shell where a path has a space', () => {
    expect(text({})).toContain(`KEY="$(cat '/a b/admin-key')"`);
  });

  test('names an address that can be reached when all are listened on', () => {
    expect(apiUrl({ host: '0.0.0.0', port: 80 })).toBe('http://127.0.0.1:80');
    expect(apiUrl({ host: '::1', port: 80 })).toBe('http://[::1]:80');
  });

  test('does not show a key that was given', () => {
    expect(text({ CARILLON_ADMIN_KEY: 'very-secret' })).not.toContain('very-secret');
  });
});
