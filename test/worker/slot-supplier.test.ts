import { afterEach, describe, expect, test } from '@jest/globals';
import { createHandlerSlots } from '../../src/activities/handler-slots.js';
import { createIntake, type PoolIntake } from '../../src/worker/slot-supplier.js';
import { gate, type Gate } from '../support/handlers.js';

const context = {} as never;
const doors: Gate[] = [];
afterEach(() => doors.splice(0).forEach((door) => door.open()));

/** Asks for so many permits, as pollers do; tells how many were given so far. */
function poll({ supplier }: PoolIntake, count: number): { readonly given: number } {
  const polls = { given: 0 };
  for (let i = 0; i < count; i++)
    void Promise.resolve(supplier.reserveSlot(context, new AbortController().signal)).then(() => polls.given++);
  return polls;
}

/** A run that is due, and goes on until its door is opened. */
function dueRun(pool: Pick<PoolIntake, 'slots'>): { end(): Promise<void> } {
  const door = gate();
  doors.push(door);
  const never = new AbortController().signal;
  const ended = pool.slots.run(3, never, () => door.wait(never));
  return {
    end() {
      door.open();
      return ended;
    },
  };
}

/** A machine that has all there is to have, until it is told otherwise. */
function idle(): { isOver: boolean; onLook(listener: () => void): void; look(): void } {
  const listeners: (() => void)[] = [];
  return {
    isOver: false,
    onLook: (listener) => void listeners.push(listener),
    look: () => listeners.forEach((listener) => listener()),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const node = (places: number, maxHeld = 100, resources = idle()) => {
  const slots = createHandlerSlots(places);
  const intake = createIntake(slots, maxHeld, resources);
  return { slots, intake, pool: intake.forPool() };
};

describe('a node with one place', () => {
  test('asks for two tasks at most', async () => {
    const { pool } = node(1);
    const polls = poll(pool, 20);
    await settled();
    expect(polls.given).toBe(2);
  });

  test('has one run wait while another runs, and takes the next only when that has its place', async () => {
    const { pool, slots } = node(1);
    const polls = poll(pool, 20);
    const [first, second] = [dueRun(pool), dueRun(pool)];
    await settled();
    expect([polls.given, slots.waiting]).toEqual([2, 1]);
    await first.end();
    pool.supplier.releaseSlot(context);
    await settled();
    expect([polls.given, slots.waiting, slots.busy]).toEqual([3, 0, 1]);
    await second.end();
  });
});

describe('a node with free places', () => {
  test('holds as many runs as will find a place, and as many again less one', async () => {
    const { pool } = node(10);
    const polls = poll(pool, 100);
    await settled();
    expect(polls.given).toBe(10 + 19);
  });

  test('takes a further one for each that has its place', async () => {
    const { pool } = node(10);
    const polls = poll(pool, 100);
    const run = dueRun(pool);
    await settled();
    // One place less is free, and one run less is ahead.
    expect(polls.given).toBe(29);
    dueRun(pool);
    await run.end();
    pool.supplier.releaseSlot(context);
    await settled();
    expect(polls.given).toBe(30);
  });

  test('holds no more than may be held', async () => {
    const { pool } = node(10, 5);
    const polls = poll(pool, 100);
    await settled();
    expect(polls.given).toBe(5);
  });
});

describe('a node of several pools', () => {
  test('asks for a task of each, though one of them has all there is ahead', async () => {
    const { intake, pool } = node(1);
    const other = intake.forPool();
    const [polls, others] = [poll(pool, 20), poll(other, 20)];
    await settled();
    expect([polls.given, others.given]).toEqual([2, 1]);
    expect(intake.ahead).toBe(3);
  });

  test('takes nothing for any while a due run waits', async () => {
    const { intake, pool } = node(1);
    const other = intake.forPool();
    dueRun(pool);
    const waiting = dueRun(pool);
    expect(other.supplier.tryReserveSlot(context)).toBeNull();
    doors[0]?.open();
    await waiting.end();
    expect(other.supplier.tryReserveSlot(context)).not.toBeNull();
  });
});

describe('a node whose memory or CPU is used up', () => {
  test('does one run at a time', async () => {
    const resources = { ...idle(), isOver: true };
    const { pool, slots } = node(10, 100, resources);
    const polls = poll(pool, 20);
    await settled();
    expect(polls.given).toBe(1);
    const run = dueRun(pool);
    await settled();
    expect([polls.given, slots.busy]).toEqual([1, 1]);
    await run.end();
    pool.supplier.releaseSlot(context);
    await settled();
    expect(polls.given).toBe(2);
  });

  test('takes as many as ever once they are free again', async () => {
    const resources = { ...idle(), isOver: true };
    const { pool } = node(10, 100, resources);
    const polls = poll(pool, 20);
    await settled();
    resources.isOver = false;
    resources.look();
    await settled();
    expect(polls.given).toBe(20);
  });
});

test('a reservation that is no longer wanted ends, and is not given a permit', async () => {
  const { pool, intake } = node(1);
  poll(pool, 2);
  const unwanted = new AbortController();
  const reserved = pool.supplier.reserveSlot(context, unwanted.signal);
  unwanted.abort(new Error('no longer wanted'));
  await expect(reserved).rejects.toThrow('no longer wanted');
  pool.supplier.releaseSlot(context);
  pool.supplier.releaseSlot(context);
  expect(intake.ahead).toBe(0);
});
