import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { createHandlerSlots } from '../../src/activities/handler-slots.js';
import { gate } from '../support/handlers.js';

const never = new AbortController().signal;

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
