import type { SigningKey } from '../../store/signing-keys.js';
import type { Vault } from './vault.js';

/** A signing key with its bytes. */
export interface OpenSigningKey extends Omit<SigningKey, 'key'> {
  key: Buffer;
}

/** The bytes of a signing key. */
export function openSigningKey(vault: Vault, projectId: string, { id, key }: Pick<SigningKey, 'id' | 'key'>): Buffer {
  return 'sealed' in key ? vault.open({ projectId, kind: 'signing-key', id }, key.sealed) : key;
}
