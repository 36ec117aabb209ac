import os from 'node:os';

/** How much of the machine is used: CPU time since it began, summed over its cores, and the memory. */
export interface Sample {
  busyMs: number;
  totalMs: number;
  /** Percent of what this process may have. */
  memory: number;
}

/** The most that may be used before the node takes no further task, in percent; 100 is never reached. */
export interface ResourceLimits {
  memory: number;
  cpu: number;
}

/** What is used, looked at again and again. */
export interface Resources {
  /** Percent of all cores over the last few seconds. */
  readonly cpu: number;
  /** Percent of the memory that this process may have. */
  readonly memory: number;
  /** Whether more is used than may be. */
  readonly isOver: boolean;
  /** Takes a sample; `watch` does so each second. */
  look(): void;
  /** Calls `listener` after each look. */
  onLook(listener: () => void): void;
}

/** The CPU is looked at over so many samples: one busy second is none that keeps a node from its work. */
const SAMPLES = 6;
const LOOK_EVERY_MS = 1_000;

export const NO_LIMITS: ResourceLimits = { memory: 100, cpu: 100 };

export function createResources(limits: ResourceLimits, sample: () => Sample = readSample): Resources {
  const listeners: (() => void)[] = [];
  const samples = [sample()];
  const newest = () => samples.at(-1) ?? sample();
  const cpu = () => {
    const [from, to] = [samples[0] ?? newest(), newest()];
    return to.totalMs > from.totalMs ? (100 * (to.busyMs - from.busyMs)) / (to.totalMs - from.totalMs) : 0;
  };
  return {
    get cpu() {
      return cpu();
    },
    get memory() {
      return newest().memory;
    },
    get isOver() {
      return newest().memory > limits.memory || cpu() > limits.cpu;
    },
    look() {
      samples.push(sample());
      if (samples.length > SAMPLES) samples.shift();
      for (const listener of listeners) listener();
    },
    onLook: (listener) => void listeners.push(listener),
  };
}

/** Looks each second until it is stopped. */
export function watchResources(resources: Pick<Resources, 'look'>): { stop(): void } {
  const timer = setInterval(() => resources.look(), LOOK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function readSample(): Sample {
  const cores = os.cpus().map(({ times }) => times);
  const totalMs = cores.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0);
  const idleMs = cores.reduce((sum, { idle }) => sum + idle, 0);
  // A container's limit, where there is one; without, Node answers 0 or more than the machine has.
  const constrained = process.constrainedMemory();
  const total = constrained > 0 ? Math.min(constrained, os.totalmem()) : os.totalmem();
  const memory = 100 * (1 - Math.min(process.availableMemory() / total, 1));
  return { busyMs: totalMs - idleMs, totalMs, memory };
}
