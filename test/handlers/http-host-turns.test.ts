import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createHostTurns, type HostLimits } from '../../src/handlers/http/host-turns.js';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }));
afterEach(() => void jest.useRealTimers());

const turnsOf = (limits: Partial<HostLimits>) => createHostTurns({ concurrency: 1_000, perSecond: 1_000, ...limits });
const url = (host: string) => new URL(`http://${host}/`);
const turn = (more: { continues?: boolean; signal?: AbortSignal; onWait?: (host: string) => void } = {}) => ({
  signal: new AbortController().signal,
  continues: false,
  onWait: () => undefined,
  ...more,
});
const forever = () => new Promise<never>(() => undefined);

test('within any second no more begin than the limit, in the order of their coming', async () => {
  const turns = turnsOf({ perSecond: 2 });
  const begun: number[] = [];
  const start = (number: number) => turns.run(url('a.example'), turn(), async () => void begun.push(number));
  const first = start(1);
  expect(begun).toEqual([1]);
  await first;
  await jest.advanceTimersByTimeAsync(900);
  const rest = Promise.all([2, 3, 4].map(start));
  // One has its second nearly over, the other not: at 1,000 the first's place is free, at 1,900 the second's.
  expect(begun).toEqual([1, 2]);
  await jest.advanceTimersByTimeAsync(99);
  expect(begun).toEqual([1, 2]);
  await jest.advanceTimersByTimeAsync(1);
  expect(begun).toEqual([1, 2, 3]);
  await jest.advanceTimersByTimeAsync(899);
  expect(begun).toEqual([1, 2, 3]);
  await jest.advanceTimersByTimeAsync(1);
  expect(begun).toEqual([1, 2, 3, 4]);
  await rest;
});

test('those that were begun elsewhere go before those that have not begun', async () => {
  const turns = turnsOf({ concurrency: 1 });
  const begun: string[] = [];
  let end: () => void = () => undefined;
  const held = turns.run(url('a.example'), turn(), () => new Promise<void>((resolve) => (end = resolve)));
  const start = (name: string, continues: boolean) =>
    turns.run(url('a.example'), turn({ continues }), async () => void begun.push(name));
  const waiting = [start('first', false), start('second', false), start('redirected', true)];
  end();
  await Promise.all([held, ...waiting]);
  expect(begun).toEqual(['redirected', 'first', 'second']);
});

test.each([
  ['http://a.example/', 'http://a.example:80/other'],
  ['http://a.example/', 'http://A.example./'],
  ['https://a.example/', 'https://a.example:443/'],
  ['http://127.0.0.1/', 'http://2130706433/'],
])('%s and %s are one host', async (one, other) => {
  const turns = turnsOf({ concurrency: 1 });
  const waits: string[] = [];
  void turns.run(new URL(one), turn(), forever);
  void turns.run(new URL(other), turn({ onWait: (host) => void waits.push(host) }), forever);
  expect(waits).toHaveLength(1);
  expect(turns.hosts).toBe(1);
});

test.each([
  ['http://a.example/', 'http://a.example:8080/'],
  ['http://a.example/', 'https://a.example/'],
  ['http://a.example/', 'http://b.example/'],
  ['http://[::1]/', 'http://[::2]/'],
])('%s and %s are two, and neither waits for the other', async (one, other) => {
  const turns = turnsOf({ concurrency: 1 });
  const waits: string[] = [];
  void turns.run(new URL(one), turn(), forever);
  void turns.run(new URL(other), turn({ onWait: (host) => void waits.push(host) }), forever);
  expect(waits).toEqual([]);
  expect(turns.hosts).toBe(2);
});

test('idle hosts are forgotten, those with requests never', async () => {
  const turns = turnsOf({ concurrency: 1 });
  void turns.run(url('busy.example'), turn(), forever);
  for (let number = 0; number < 1_500; number += 1) {
    await turns.run(url(`host-${number}.example`), turn(), async () => undefined);
  }
  await new Promise(setImmediate);
  expect(turns.hosts).toBeLessThanOrEqual(1_001);
  const waits: string[] = [];
  void turns.run(url('busy.example'), turn({ onWait: (host) => void waits.push(host) }), forever);
  expect(waits).toEqual(['busy.example:80']);
});

test('nothing is left behind when all is done: no timer, and after a second no memory of what was', async () => {
  const turns = turnsOf({ perSecond: 1 });
  const waits: string[] = [];
  const start = () =>
    turns.run(url('a.example'), turn({ onWait: (host) => void waits.push(host) }), async () => undefined);
  await start();
  await new Promise(setImmediate);
  expect(jest.getTimerCount()).toBeLessThanOrEqual(1);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(jest.getTimerCount()).toBe(0);
  await start();
  expect(waits).toEqual([]);
});

test('who waits and is aborted is gone with the reason, and leaves the turn to the next', async () => {
  const turns = turnsOf({ concurrency: 1 });
  const begun: string[] = [];
  let end: () => void = () => undefined;
  const held = turns.run(url('a.example'), turn(), () => new Promise<void>((resolve) => (end = resolve)));
  const cancel = new AbortController();
  const start = (name: string, signal?: AbortSignal) =>
    turns.run(url('a.example'), turn(signal && { signal }), async () => void begun.push(name));
  const gone = start('gone', cancel.signal);
  const next = start('next');
  const reason = new Error('cancelled by a user');
  cancel.abort(reason);
  await expect(gone).rejects.toBe(reason);
  end();
  await Promise.all([held, next]);
  expect(begun).toEqual(['next']);
});

test.each([0, -1, 1.5, Number.NaN, Infinity])('a limit of %p is refused', (value) => {
  expect(() => turnsOf({ concurrency: value })).toThrow('The limit concurrency must be a whole number from 1.');
  expect(() => turnsOf({ perSecond: value })).toThrow('The limit perSecond must be a whole number from 1.');
});
