// Prints a new API key for CARILLON_ADMIN_KEY: 80 bits of name, 256 bits of secret. It is kept nowhere.
import { randomBytes, randomInt } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const id = Array.from({ length: 16 }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
console.log(`carillon_${id}.${randomBytes(32).toString('base64url')}`);
