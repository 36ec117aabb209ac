// @ts-check
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checksumDefinition } from './definitions.js';

/** After so many rounds (some milliseconds) the event loop gets a turn: the abort signal can only come in there. */
const ROUNDS_PER_TURN = 1_000;

/** @type {import('carillon/handler').Handler<import('zod').infer<typeof import('./definitions.js').checksumPayload>>} */
export const checksum = {
  definition: checksumDefinition,
  async run(context, { text, rounds = 1 }) {
    let digest = text;
    for (let round = 1; round <= rounds; round += 1) {
      digest = createHash('sha256').update(digest).digest('hex');
      if (round % ROUNDS_PER_TURN !== 0) continue;
      context.progress(round / rounds, `${round} of ${rounds} rounds`);
      await nextTurn();
      context.signal.throwIfAborted();
    }
    context.log('info', `The checksum after ${rounds} rounds is ${digest}.`, { rounds });
    return { sha256: digest, rounds };
  },
};

export const handlers = [checksum];
