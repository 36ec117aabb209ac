import type { RunContext, UpstreamRun } from '../handlers/handler.js';
import { lengthOf, loggedLine } from '../handlers/shared/log-line.js';
import { MAX_PROGRESS_LENGTH } from '../handlers/shared/run-limits.js';
import { beginningOf } from '../handlers/shared/text.js';
import { MAX_SENT_LOG_LENGTH, PROGRESS_EVERY_MS } from './limits.js';
import type { FromChild, Question, RunFacts, ToChild } from './messages.js';

type Send = (message: FromChild) => void;
type Answer = Extract<ToChild, { type: 'answer' }>;

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
  return (...said) => {
    if (length > MAX_SENT_LOG_LENGTH) return;
    const line = loggedLine(...said);
    length += lengthOf(line);
    send({ type: 'log', ...line });
  };
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
    const words = typeof message === 'string' ? { message: beginningOf(message, MAX_PROGRESS_LENGTH) } : {};
    newest = { type: 'progress', fraction, ...words };
    const waitMs = sentAt + PROGRESS_EVERY_MS - performance.now();
    if (waitMs <= 0) sendNewest();
    else timer ??= setTimeout(sendNewest, waitMs).unref();
  };
}
