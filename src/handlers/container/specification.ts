import type { RunContext } from '../handler.js';
import { runVariables } from '../shared/environment.js';
import type { ContainerPayload } from './definition.js';
import { DEFAULT_CPUS, DEFAULT_MEMORY, DEFAULT_PROCESSES, memoryBytes, TMP_BYTES } from './limits.js';

export const RUN_LABEL = 'carillon.run-id';
const JOB_LABEL = 'carillon.job-id';
const NODE_LABEL = 'carillon.node';
/** Tells the containers of this very attempt from those of others of its run. */
export const CLAIM_LABEL = 'carillon.claim';

const NANO = 1e9;

/** What identifies an attempt besides its run. */
export interface Claim {
  readonly id: string;
  readonly node: string;
}

/**
 * One name for all attempts of a run: the engine gives a name once, so that it cannot hold two containers of a run, whoever
 * asks for them.
 */
export const containerName = (runId: string): string => `carillon-${runId}`;

/** The body of `POST /containers/create`. Everything that bounds the container is said, whatever the engine's defaults are. */
export function specification(image: string, payload: ContainerPayload, context: RunContext, claim: Claim) {
  return {
    Image: image,
    ...(payload.command && { Cmd: payload.command }),
    ...(payload.entrypoint && { Entrypoint: payload.entrypoint }),
    ...(payload.workingFolder !== undefined && { WorkingDir: payload.workingFolder }),
    ...(payload.user !== undefined && { User: payload.user }),
    Env: environmentOf(payload, context),
    Labels: {
      [RUN_LABEL]: context.runId,
      [JOB_LABEL]: context.jobId,
      [NODE_LABEL]: claim.node,
      [CLAIM_LABEL]: claim.id,
    },
    Tty: false,
    OpenStdin: false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: hostConfigOf(payload),
  };
}

function environmentOf({ environment = {} }: ContainerPayload, context: RunContext): string[] {
  return Object.entries({ ...environment, ...runVariables(context) }).map(([name, value]) => `${name}=${value}`);
}

function hostConfigOf({ limits = {}, network = 'none', readOnly = false }: ContainerPayload) {
  const memory = memoryBytes(limits.memory ?? DEFAULT_MEMORY);
  return {
    Memory: memory,
    // The sum of memory and swap: none. The engine would allow as much swap again.
    MemorySwap: memory,
    NanoCpus: Math.round((limits.cpus ?? DEFAULT_CPUS) * NANO),
    PidsLimit: limits.processes ?? DEFAULT_PROCESSES,
    NetworkMode: network,
    Privileged: false,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges'],
    ReadonlyRootfs: readOnly,
    ...(readOnly && { Tmpfs: { '/tmp': `rw,nosuid,nodev,size=${TMP_BYTES}` } }),
    // Removed by us, after its state has been read.
    AutoRemove: false,
    RestartPolicy: { Name: 'no' },
    // The output is read as it comes. Kept by the engine too, it could fill the disk of the host.
    LogConfig: { Type: 'none', Config: {} },
  };
}
