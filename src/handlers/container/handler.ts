import { randomUUID } from 'node:crypto';
import { type Handler, NonRetryableError } from '../handler.js';
import { type ContainerResult, runAttempt } from './attempt.js';
import { containerDefinition, type ContainerPayload } from './definition.js';
import { createEngine } from './engine.js';
import { DEFAULT_DOCKER_HOST, parseDockerHost } from './engine-address.js';
import { engineFailure } from './engine-error.js';
import { isImageAllowed, parseImageAllowList } from './image-allow-list.js';
import { canonicalName, parseImageReference } from './image-reference.js';
import { removeOfEndedRuns } from './removal.js';
import { sayableFor } from './sayable.js';

export interface ContainerHandlerOptions {
  /** `unix:///path/to/docker.sock` or `tcp://host:port`; `unix:///var/run/docker.sock` if not given. */
  readonly dockerHost?: string;
  /** See {@link parseImageAllowList}; none: any image. */
  readonly allowedImages?: readonly string[];
  /** The name of this node, for the label `carillon.node`. */
  readonly node: string;
}

export interface ContainerHandler extends Handler<ContainerPayload> {
  run(...call: Parameters<Handler<ContainerPayload>['run']>): Promise<ContainerResult>;
  /**
   * Removes what nodes that died have left of runs that are over. Containers of runs that `ended` does not name stay.
   *
   * @param ended of these runs, those that this installation knows to be over
   * @returns how many containers were removed
   * @throws HandlerError `engine_unreachable`, `engine_error`
   */
  sweep(ended: (runIds: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number>;
}

/**
 * Makes the `container` handler. It holds no connection between runs, and reaches for the engine at the first one.
 * `run` returns a {@link ContainerResult} for exit code 0 and throws: `container_exit` (not retryable for 125 to 127),
 * `container_out_of_memory`, `image_pull_failed`, `engine_unreachable` and `engine_error` (retryable, where another
 * attempt may help), `image_denied` and `image_not_found` (not retryable), or the reason of the run's signal.
 *
 * @throws Error with a sentence when an option makes no sense
 */
export function createContainerHandler(options: ContainerHandlerOptions): ContainerHandler {
  const { dockerHost = DEFAULT_DOCKER_HOST, allowedImages = [], node } = options;
  const allowList = parseImageAllowList(allowedImages);
  const engine = createEngine(parseDockerHost(dockerHost));
  return {
    definition: containerDefinition,
    async run(context, payload) {
      context.signal.throwIfAborted();
      const image = parseImageReference(payload.image);
      if (!image || !isImageAllowed(allowList, image)) {
        const name = image ? canonicalName(image) : payload.image;
        throw new NonRetryableError('image_denied', `The image ${name} is not among those that this node may run.`);
      }
      const sayable = sayableFor(payload);
      const claim = { id: randomUUID(), node };
      try {
        return await runAttempt({ engine, context, payload, image, claim, sayable });
      } catch (error) {
        // What the work fails with on an abort is only an echo of it.
        context.signal.throwIfAborted();
        throw engineFailure(error, sayable);
      }
    },
    sweep: (ended) =>
      removeOfEndedRuns(engine, ended).catch((error: unknown) => {
        throw engineFailure(error, () => '');
      }),
  };
}
