import type { Handler } from '../handler.js';
import { logDefinition } from './definition.js';

/** The longest message written, in UTF-8 bytes, without the mark that says it was cut. */
const MAX_MESSAGE_BYTES = 8 * 1024;
const CUT_MARK = '… (cut)';

/** Makes the `log` handler: one info line with the payload, and the payload (or null when there is none) as the result. */
export function createLogHandler(): Handler {
  return {
    definition: logDefinition,
    async run(context, payload) {
      context.signal.throwIfAborted();
      context.log('info', cut(messageFor(payload)));
      return payload ?? null;
    },
  };
}

function messageFor(payload: unknown): string {
  if (payload === undefined) return 'No payload.';
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

/** Cuts between characters, so that the line stays valid UTF-8. */
function cut(message: string): string {
  if (Buffer.byteLength(message) <= MAX_MESSAGE_BYTES) return message;
  const bytes = Buffer.from(message).subarray(0, MAX_MESSAGE_BYTES);
  // A streaming decoder keeps back a character whose last bytes are missing.
  return new TextDecoder().decode(bytes, { stream: true }) + CUT_MARK;
}
