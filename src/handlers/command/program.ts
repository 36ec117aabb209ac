import { NonRetryableError } from '../handler.js';
import { durationMs, SECOND } from '../shared/duration.js';
import { KIB, sizeBytes } from '../shared/size.js';
import type { CommandPayload } from './definition.js';

/** The kernel sends SIGXCPU at the limit, which says why; a program that ignores it gets SIGKILL this much later. */
const CPU_TIME_GRACE_SECONDS = 5;

/** What is executed: no shell reads `file` or `args`. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The program that a payload asks for; with limits, behind a shell that sets them and then becomes it. The arguments
 * reach that shell as positional parameters, which it passes on unread.
 *
 * @throws NonRetryableError `limits_unsupported` where the system does not enforce them
 */
export function programOf(payload: CommandPayload, platform: NodeJS.Platform = process.platform): Program {
  const [file = '', ...args] = payload.command ?? ['/bin/sh', '-c', payload.shell ?? ''];
  const settings = limitSettings(payload);
  if (settings.length === 0) return { file, args };
  if (platform !== 'linux') {
    throw new NonRetryableError(
      'limits_unsupported',
      'The limits memory and cpuTime work only on Linux, which this node does not run.',
    );
  }
  return { file: '/bin/sh', args: ['-c', `${settings.join('; ')}; exec "$@"`, 'sh', file, ...args] };
}

/**
 * Memory is RLIMIT_DATA: the writable private memory of a process. RLIMIT_AS would count what runtimes such as V8, Go
 * and the JVM only reserve, and keep them from starting. `ulimit` fails only where the node's own limit is lower: that one
 * holds then, so the wish is met.
 */
function limitSettings({ limits }: CommandPayload): string[] {
  const memoryBytes = limits?.memory === undefined ? undefined : sizeBytes(limits.memory);
  const cpuMs = limits?.cpuTime === undefined ? undefined : durationMs(limits.cpuTime);
  return [
    ...(memoryBytes === undefined ? [] : [`-d ${Math.floor(memoryBytes / KIB)}`]),
    ...(cpuMs === undefined ? [] : cpuLimits(cpuMs / SECOND)),
  ].map((setting) => `ulimit ${setting} 2>/dev/null || :`);
}

const cpuLimits = (seconds: number): string[] => [`-S -t ${seconds}`, `-H -t ${seconds + CPU_TIME_GRACE_SECONDS}`];
