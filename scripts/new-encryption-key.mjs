// Prints a new instance key for CARILLON_ENCRYPTION_KEYS: a name, which is no secret, and 256 bits. It is kept nowhere.
import { randomBytes } from 'node:crypto';

const day = new Date().toISOString().slice(0, 10);
console.log(`k-${day}-${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64')}`);
