import { NonRetryableError } from '../handler.js';
import type { Attempt } from './attempt.js';
import { hasStatus, isUnanswered } from './engine-error.js';
import { canonicalName } from './image-reference.js';
import { pullImage } from './pull.js';
import { atLeastTry, removeLabelled } from './removal.js';
import { CLAIM_LABEL, containerName, specification } from './specification.js';

/**
 * Makes the container, not yet started, and pulls its image where that is asked for. Heeds the run's signal between
 * requests and while pulling. What is made must be known, so the request that makes it is never given up.
 *
 * @returns the container's id
 * @throws NonRetryableError `image_not_found`; what {@link pullImage} throws; EngineError
 */
export async function createContainer(attempt: Attempt): Promise<string> {
  const { context, payload } = attempt;
  const policy = payload.pull ?? 'missing';
  const pull = (): Promise<void> => pullImage(attempt.engine, attempt.image, context, attempt.sayable);
  if (policy === 'always') await pull();
  context.signal.throwIfAborted();
  const id = await createIfThere(attempt);
  if (id !== undefined) return id;
  if (policy === 'missing') {
    await pull();
    context.signal.throwIfAborted();
    const pulledId = await createIfThere(attempt);
    if (pulledId !== undefined) return pulledId;
  }
  const message = `The engine has no image ${canonicalName(attempt.image)}, with pull: ${policy}.`;
  throw new NonRetryableError('image_not_found', message);
}

/** The id of a new container; undefined when the engine does not have the image. */
async function createIfThere({
  engine,
  context,
  payload,
  image,
  claim,
  sayable,
}: Attempt): Promise<string | undefined> {
  const body = specification(canonicalName(image), payload, context, claim);
  try {
    const { id, warnings } = await engine.create(containerName(context.runId), body);
    for (const warning of warnings) context.log('warn', `A warning of the engine: ${sayable(warning) || 'not shown.'}`);
    return id;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    // Without an answer the container may be there all the same.
    if (isUnanswered(error)) {
      await atLeastTry(context, () => removeLabelled(engine, `${CLAIM_LABEL}=${claim.id}`));
    }
    throw error;
  }
}
