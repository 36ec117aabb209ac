import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { createHandlerSlots } from '../../src/activities/handler-slots.js';
import { createSlotSupplier } from '../../src/worker/slot-supplier.js';
import { gate } from '../support/handlers.js';

const never = new AbortController().signal;
const context = {} as never;

describe('the places for handlers', () => {
  test('due runs that wait begin by priority, then in their order', async () => {
    const slots = createHandlerSlots(1);
    const first = gate();
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    const running = [
      slots.run(3, never, () => first.wait(never)),
      slots.run(5, never, note('low')),
      slots.run(3, never, note('medium 1')),
      slots.run(1, never, note('high')),
      slots.run(3, never, note('medium 2')),
    ];
    expect(slots.waiting).toBe(4);
    first.open();
    await Promise.all(running);
    expect(order).toEqual(['high', 'medium 1', 'medium 2', 'low']);
  });

  test('a run that waited still finds its own context, not that of the run before', async () => {
    const storage = new AsyncLocalStorage<string>();
    const slots = createHandlerSlots(1);
    const first = gate();
    const before = storage.run('first', () => slots.run(3, never, () => first.wait(never)));
    const seen = storage.run('second', () => slots.run(3, never, async () => storage.getStore()));
    first.open();
    await before;
    expect(await seen).toBe('second');
  });

  test('a run that has begun ends by itself, also when it is told to stop', async () => {
    const slots = createHandlerSlots(1);
    const stop = new AbortController();
    const door = gate();
    const running = slots.run(3, stop.signal, async () => {
      await door.wait(never);
      return 'its own end';
    });
    await door.reached;
    stop.abort(new Error('stop'));
    door.open();
    expect(await running).toBe('its own end');
  });

  test('a run that is told to stop while it waits never begins', async () => {
    const slots = createHandlerSlots(1);
    const first = gate();
    const running = slots.run(3, never, () => first.wait(never));
    const stop = new AbortController();
    let begun = false;
    const waiting = slots.run(3, stop.signal, async () => {
      begun = true;
    });
    stop.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    first.open();
    await running;
    expect(begun).toBe(false);
  });
});

describe('the tasks a node takes', () => {
  test('none while a due run waits for a place', async () => {
    const slots = createHandlerSlots(1);
    const supplier = createSlotSupplier(slots, 10);
    const first = gate();
    const running = slots.run(3, never, () => first.wait(never));
    expect(supplier.tryReserveSlot(context)).not.toBeNull();
    const waiting = slots.run(3, never, async () => undefined);
    expect(supplier.tryReserveSlot(context)).toBeNull();
    const reserved = supplier.reserveSlot(context, never);
    first.open();
    await Promise.all([running, waiting]);
    expect(await reserved).toEqual({});
  });

  test('no more than may be held, until one is released', async () => {
    const supplier = createSlotSupplier(createHandlerSlots(1), 1);
    expect(supplier.tryReserveSlot(context)).not.toBeNull();
    expect(supplier.tryReserveSlot(context)).toBeNull();
    const reserved = supplier.reserveSlot(context, never);
    supplier.releaseSlot(context);
    expect(await reserved).toEqual({});
  });

  test('a reservation that is no longer wanted ends', async () => {
    const supplier = createSlotSupplier(createHandlerSlots(1), 0);
    const unwanted = new AbortController();
    const reserved = supplier.reserveSlot(context, unwanted.signal);
    unwanted.abort(new Error('no longer wanted'));
    await expect(reserved).rejects.toThrow('no longer wanted');
  });
});
