import { describe, expect, test } from '@jest/globals';
import { createResources, type Sample } from '../../src/worker/resources.js';

/** A machine of one core that is looked at each second; tells what it uses then. */
function machine(limits: { memory: number; cpu: number }) {
  let sample: Sample = { busyMs: 0, totalMs: 0, memory: 10 };
  const resources = createResources(limits, () => sample);
  return {
    resources,
    uses({ cpu, memory = 10, seconds = 1 }: { cpu: number; memory?: number; seconds?: number }) {
      for (let i = 0; i < seconds; i++) {
        sample = { busyMs: sample.busyMs + 10 * cpu, totalMs: sample.totalMs + 1_000, memory };
        resources.look();
      }
    },
  };
}

describe('what a machine uses', () => {
  test('of the CPU is that of the last five seconds', () => {
    const { resources, uses } = machine({ memory: 90, cpu: 95 });
    expect(resources.cpu).toBe(0);
    uses({ cpu: 100, seconds: 10 });
    expect(resources.cpu).toBe(100);
    uses({ cpu: 0 });
    expect(resources.cpu).toBe(80);
    uses({ cpu: 0, seconds: 4 });
    expect(resources.cpu).toBe(0);
  });

  test('is over its limits by memory alone, and by CPU alone', () => {
    const { resources, uses } = machine({ memory: 90, cpu: 95 });
    uses({ cpu: 95, memory: 90, seconds: 6 });
    expect(resources.isOver).toBe(false);
    uses({ cpu: 95, memory: 91 });
    expect(resources.isOver).toBe(true);
    uses({ cpu: 100, memory: 50, seconds: 5 });
    expect(resources.isOver).toBe(true);
    uses({ cpu: 50, memory: 50 });
    expect(resources.isOver).toBe(false);
  });

  test('is never over a limit of 100 percent', () => {
    const { resources, uses } = machine({ memory: 100, cpu: 100 });
    uses({ cpu: 100, memory: 100, seconds: 6 });
    expect(resources.isOver).toBe(false);
  });
});

test('a real machine has cores and memory, and some of each is used', () => {
  const resources = createResources({ memory: 100, cpu: 100 });
  expect(resources.memory).toBeGreaterThan(0);
  expect(resources.memory).toBeLessThanOrEqual(100);
  expect(resources.cpu).toBe(0);
});
