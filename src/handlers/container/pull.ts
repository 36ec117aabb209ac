import type { Readable } from 'node:stream';
import { HandlerError, NonRetryableError, type RunContext } from '../handler.js';
import { createLineReader } from '../shared/line-reader.js';
import { KIB } from '../shared/size.js';
import { cleanText } from './clean-text.js';
import type { Engine } from './engine.js';
import { EngineError, isUnanswered, unanswered } from './engine-error.js';
import { canonicalName, type ImageReference } from './image-reference.js';
import type { Sayable } from './sayable.js';

const MAX_MESSAGE_LENGTH = 64 * KIB;
const MAX_PROGRESS_LINES = 100;

/** A line of the engine's answer to a pull. */
interface PullMessage {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: object;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/**
 * Pulls an image, with its progress in the log at debug. The engine answers 200 before it knows how the pull ends, so
 * that most errors are a line of the answer.
 *
 * @throws NonRetryableError `image_not_found`; HandlerError `image_pull_failed`; EngineError without an answer
 */
export async function pullImage(
  engine: Engine,
  image: ImageReference,
  context: RunContext,
  sayable: Sayable,
): Promise<void> {
  const name = canonicalName(image);
  context.log('debug', `Pulling ${name}.`);
  // Without a tag the engine pulls every one that there is.
  const query = { fromImage: image.repository, tag: image.digest ?? image.tag ?? 'latest' };
  try {
    const stream = await engine.pull(query, context.signal);
    const problem = await followPull(stream, context);
    if (problem !== undefined) throw pullFailure(image, undefined, problem, sayable);
  } catch (error) {
    if (!(error instanceof EngineError) || isUnanswered(error)) throw error;
    throw pullFailure(image, error.status, error.text, sayable);
  }
}

/** The error that a pull ended with; undefined if it went well. */
async function followPull(stream: Readable, { log, signal }: RunContext): Promise<string | undefined> {
  let problem: string | undefined;
  let left = MAX_PROGRESS_LINES;
  const lines = createLineReader(MAX_MESSAGE_LENGTH, (line) => {
    const message = parsed(line);
    problem ??= message.errorDetail?.message ?? message.error;
    // Bars of progress come several times a second: steps are enough.
    const isStep = message.status !== undefined && Object.keys(message.progressDetail ?? {}).length === 0;
    if (isStep && left > 0) log('debug', cleanText([message.id, message.status].filter(Boolean).join(': ')));
    if (isStep) left -= 1;
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) lines.push(chunk);
  } catch (error) {
    throw unanswered('pulling the image', error, signal);
  }
  lines.end();
  return problem;
}

function parsed(line: string): PullMessage {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Phrases of engines and registries for what is not there, or not for us: registries do not tell the two apart. */
const NOT_FOUND =
  /manifest unknown|name unknown|no such image|pull access denied|repository does not exist|: not found$|\b(?:unauthorized|denied): /i;
const OTHER_PLATFORM = /no matching manifest|does not match the specified platform/i;

function pullFailure(image: ImageReference, status: number | undefined, text: string, sayable: Sayable): HandlerError {
  const name = canonicalName(image);
  // An image may be named like an error.
  const words = text.replaceAll(name, '').replaceAll(image.repository, '').trim();
  if (OTHER_PLATFORM.test(words)) {
    return new NonRetryableError(
      'image_not_found',
      `The image ${name} does not exist for the platform of this engine.`,
    );
  }
  if (status === 401 || status === 403 || status === 404 || NOT_FOUND.test(words)) {
    return new NonRetryableError(
      'image_not_found',
      `The image ${name} does not exist, or its registry asks for a login.`,
    );
  }
  const why = sayable(text);
  const message = `The image ${name} could not be pulled${why === '' ? '.' : `: ${why}`}`;
  return new HandlerError('image_pull_failed', message, { retryable: status !== 400 });
}
