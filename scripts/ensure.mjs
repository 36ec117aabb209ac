// Runs before `npm start` and what else needs the build: about 50 ms when there is nothing to do.
import { ensure } from './lib/ensure.mjs';

await ensure();
