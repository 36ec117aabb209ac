import { inspect } from 'node:util';
import type { LogLevel, RunContext, UpstreamRun } from '../handlers/handler.js';
import { LINE_OVERHEAD, MAX_LINE_LENGTH, MAX_LOG_LENGTH, MAX_PROGRESS_LENGTH, PROGRESS_EVERY_MS } from './limits.js';
import type { FromChild, Question, RunFacts, ToChild } from './messages.js';

type Send = (message: FromChild) => void;
type Answer = Extract<ToChild, { type: 'answer' }>;

const LEVELS: ReadonlySet<string> = new Set(['debug', 'info', 'warn', 'error']);
const waiting = new Map<number, (answer: Answer) => void>();

/** The context that a handler gets in a process of its own: as in the worker, by messages. */
export function createContext(facts: RunFacts, signal: AbortSignal, send: Send): RunContext {
  return {
    ...facts,
    scheduledFor: new Date(facts.scheduledFor),
    signal,
    log: createLog(send),
    progress: createProgress(send),
    previousResult: () => ask('previousResult', send),
    upstream: () => ask('upstream', send) as Promise<UpstreamRun[]>,
  };
}

/** Hands the worker's answer to who asked. */
export function answerQuestion(answer: Answer): void {
  waiting.get(answer.id)?.(answer);
  waiting.delete(answer.id);
}

let asked = 0;
function ask(question: Question, send: Send): Promise<unknown> {
  const id = (asked += 1);
  return new Promise((resolve, reject) => {
    waiting.set(id, ({ value, error }) => (error === undefined ? resolve(value) : reject(new Error(error))));
    send({ type: 'ask', id, question });
  });
}

/** Sends lines until they make up what a run may log in all; the executor says that the rest is left out. */
function createLog(send: Send): RunContext['log'] {
  let length = 0;
  // Plugins may be plain JavaScript.
  return (level, message: unknown, fields) => {
    if (length > MAX_LOG_LENGTH) return;
    const text = typeof message === 'string' ? message : inspect(message);
    const line = text.length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH)}… (cut)` : text;
    const kept = fields === undefined ? undefined : plainJson(fields);
    length += line.length + (kept === undefined ? 0 : JSON.stringify(kept).length) + LINE_OVERHEAD;
    send({ type: 'log', level: levelOf(level), message: line, fields: kept });
  };
}

const levelOf = (level: LogLevel): LogLevel => (LEVELS.has(level) ? level : 'info');

/** What is not JSON, or too long, is left out by name: a log line never throws. */
function plainJson(fields: Record<string, unknown>): Record<string, unknown> | undefined {
  try {
    const text = JSON.stringify(fields);
    if (text.length > MAX_LINE_LENGTH) return { leftOut: `The fields had ${text.length} characters.` };
    const plain: unknown = JSON.parse(text);
    return plain !== null && typeof plain === 'object' && !Array.isArray(plain) ? { ...plain } : { fields: plain };
  } catch {
    return { leftOut: 'The fields are not JSON.' };
  }
}

/** Sends the newest at most each 200 ms: at once where a handler does not yield, else when the time has come. */
function createProgress(send: Send): RunContext['progress'] {
  let newest: Extract<FromChild, { type: 'progress' }> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sentAt = -Infinity;
  const sendNewest = (): void => {
    clearTimeout(timer);
    timer = undefined;
    sentAt = performance.now();
    if (newest) send(newest);
    newest = undefined;
  };
  return (fraction, message) => {
    if (!Number.isFinite(fraction)) return;
    const words = typeof message === 'string' ? { message: message.slice(0, MAX_PROGRESS_LENGTH) } : {};
    newest = { type: 'progress', fraction, ...words };
    const waitMs = sentAt + PROGRESS_EVERY_MS - performance.now();
    if (waitMs <= 0) sendNewest();
    else timer ??= setTimeout(sendNewest, waitMs).unref();
  };
}
