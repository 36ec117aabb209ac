import { HandlerError, NonRetryableError } from '../handlers/handler.js';
import type { Exit } from './child.js';
import type { ThrownError } from './messages.js';

/** What the handler threw, as it would be thrown here. */
export function errorOf({ code, message, retryable = true, retryAfterMs }: ThrownError): Error {
  if (code === undefined) return new Error(message);
  if (!retryable) return new NonRetryableError(code, message);
  return new HandlerError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

export const hung = (afterMs: number): HandlerError =>
  new HandlerError(
    'handler_hung',
    `The handler blocked its process for more than ${afterMs / 1_000} s, so that was killed: yield to the event loop in long computations.`,
  );

export const outOfMemory = (limit: string): HandlerError =>
  new HandlerError('handler_out_of_memory', `The process of the handler used more than its limit of ${limit}.`);

/** The limits on its side let no handler send so much: it writes past them, and will again. */
export const flooded = (): HandlerError =>
  new NonRetryableError('handler_flooded', 'The process of the handler sent more than it may, so it was killed.');

export function exited({ code, signal, error }: Exit): HandlerError {
  if (error)
    return new HandlerError('handler_not_started', `The process of the handler could not be started: ${error.message}`);
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  return new HandlerError('handler_exited', `The process of the handler ${how} before it gave a result.`);
}
