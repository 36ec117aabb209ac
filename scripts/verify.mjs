// `npm run verify`: every check but the tests, which `npm test` runs after them.
import { ensure } from './lib/ensure.mjs';

await ensure({ despiteTypeErrors: true });
const { verify } = await import('./lib/verify.mjs');
process.exitCode = (await verify()) ? 0 : 1;
