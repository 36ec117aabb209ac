import type { RunContext } from '../../src/handlers/handler.js';
import type { ContainerResult } from '../../src/handlers/container/attempt.js';
import type { ContainerPayload } from '../../src/handlers/container/definition.js';
import { type ContainerHandlerOptions, createContainerHandler } from '../../src/handlers/container/handler.js';
import type { Program } from './docker-container.js';
import { StandInEngine } from './docker-engine.js';
import { runContext } from './support.js';

export const ALPINE = 'docker.io/library/alpine:3.20';

/** Engines that end after the test, and runs on them. */
export function openEngines() {
  const open: StandInEngine[] = [];
  return {
    /** An engine that has alpine:3.20, which does what the program says. */
    async engine(program: Program = () => 0, over?: 'unix' | 'tcp'): Promise<StandInEngine> {
      const engine = await new StandInEngine().listen(over);
      engine.images.set(ALPINE, program);
      open.push(engine);
      return engine;
    },
    async closeAll(): Promise<void> {
      for (const engine of open.splice(0)) await engine.close();
    },
  };
}

/** Runs an attempt with a payload that the definition accepts: alpine:3.20 unless it says otherwise. */
export async function runOn(
  engine: StandInEngine,
  payload: Partial<ContainerPayload> = {},
  context: RunContext = runContext(),
  options: Partial<ContainerHandlerOptions> = {},
): Promise<ContainerResult> {
  const handler = createContainerHandler({ dockerHost: engine.host, node: 'node-1', ...options });
  return handler.run(context, handler.definition.payloadSchema.parse({ image: 'alpine:3.20', ...payload }));
}

/** A promise that a test resolves. */
export function signalFlag(): { readonly raised: Promise<void>; raise(): void } {
  let raise: () => void = () => undefined;
  const raised = new Promise<void>((resolve) => (raise = resolve));
  return { raised, raise: () => raise() };
}
