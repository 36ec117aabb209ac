import type { Handler } from '../handler.js';
import { logDefinition } from './definition.js';

/** Makes the `log` handler: one info line with the payload, and the payload (or null when there is none) as the result. */
export function createLogHandler(): Handler {
  return {
    definition: logDefinition,
    async run(context, payload) {
      context.signal.throwIfAborted();
      context.log('info', messageFor(payload));
      return payload ?? null;
    },
  };
}

function messageFor(payload: unknown): string {
  if (payload === undefined) return 'No payload.';
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
