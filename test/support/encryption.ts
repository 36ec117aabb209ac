import { fixedKeys, parseInstanceKeys } from '../../src/security/encryption/instance-keys.js';
import { createVault, type Vault } from '../../src/security/encryption/vault.js';

/** The instance key of the tests: the same in all their processes, so that each opens what another one sealed. */
export const TEST_ENCRYPTION_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;

/** A vault of these keys, written as an installation gives them; the first one seals. */
export const vaultOf = (...keys: string[]): Vault =>
  createVault(fixedKeys(parseInstanceKeys(keys.join(','), 'the keys of the test')));

export const testVault = vaultOf(TEST_ENCRYPTION_KEYS);

/** Another instance key than that of the tests. */
export const OTHER_KEY = `other:${Buffer.alloc(32, 8).toString('base64')}`;
