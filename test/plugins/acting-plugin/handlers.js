import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeSync } from 'node:fs';
import { HandlerError, NonRetryableError } from 'carillon/handler';
import { definitions } from './definitions.js';

const forEver = () => new Promise(() => setInterval(() => {}, 1_000));
const block = () => {
  for (;;);
};

/** Keeps a process that outlives this one, unless it is killed. */
async function startGrandchild(context, detached) {
  const grandchild = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached, stdio: 'inherit' });
  await once(grandchild, 'spawn');
  grandchild.unref();
  context.log('info', 'grandchild', { pid: grandchild.pid });
}

const acts = {
  echo: (_context, value) => value,
  facts: ({ projectId, jobId, runId, attempt, scheduledFor }) => ({
    projectId,
    jobId,
    runId,
    attempt,
    scheduledFor: scheduledFor.getTime(),
  }),
  environment: () => ({
    env: process.env,
    parentEnv: readable(`/proc/${process.pid}/environ`),
    argv: [...process.execArgv, ...process.argv],
    cwd: process.cwd(),
    send: typeof process.send,
  }),
  talk: async (context) => {
    context.log('warn', 'a line', { n: 1 });
    context.log('nonsense', { not: 'a text' }, { big: 1n });
    context.progress(0.5, 'half');
    console.log('to the output');
    process.stderr.write('to the error output, without an end');
    return { previous: await context.previousResult(), upstream: await context.upstream() };
  },
  throw: () => {
    throw new Error('an ordinary error');
  },
  throwRetryable: () => {
    throw new HandlerError('busy', 'later', { retryAfterMs: 5_000 });
  },
  throwFinal: () => {
    throw new NonRetryableError('refused', 'never');
  },
  throwBadCode: () => {
    throw new HandlerError('Not A Code', 'oddly');
  },
  throwNothing: () => Promise.reject(JSON.parse('null')),
  hang: (context) => {
    context.log('info', 'hanging', { pid: process.pid });
    block();
  },
  exit: () => process.exit(3),
  die: () => process.kill(process.pid, 'SIGKILL') && forEver(),
  abort: () => process.abort(),
  fillHeap: () => {
    for (const kept = []; ;) kept.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
  },
  fillBuffers: () => {
    for (const kept = []; ;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
  },
  floodChannel: () => {
    for (;;) tryWrite(`${JSON.stringify({ type: 'log', level: 'info', message: 'x'.repeat(1_000) })}\n`);
  },
  longMessage: () => {
    for (;;) tryWrite('x'.repeat(10_000));
  },
  garbage: () => {
    tryWrite('no JSON\n{"type":"made up"}\n{"type":"log","level":"info"}\n[]\n');
    return 'went on';
  },
  floodLog: (context) => {
    for (let n = 0; n < 100_000; n += 1) context.log('info', 'x'.repeat(1_000));
    return 'done';
  },
  floodOutput: () => {
    for (let n = 0; n < 5_000; n += 1) writeSync(1, `${'y'.repeat(999)}\n`);
    return 'done';
  },
  bigResult: (_context, bytes) => 'z'.repeat(bytes),
  circularResult: () => {
    const result = {};
    return Object.assign(result, { result });
  },
  rejectUnhandled: () => {
    void Promise.reject(new Error('nobody listens'));
    return forEver();
  },
  throwLater: () => {
    // The timer is the subject: what is thrown there, nobody who awaits `run` can catch.
    setTimeout(() => {
      throw new Error('from a timer');
    });
    return forEver();
  },
  grandchild: async (context) => {
    await startGrandchild(context, false);
    return 'done';
  },
  detachedGrandchild: async (context) => {
    await startGrandchild(context, true);
    return 'done';
  },
  grandchildThenExit: async (context) => {
    await startGrandchild(context, false);
    process.exit(0);
  },
  heedAbort: (context) =>
    new Promise((_, reject) => {
      context.signal.addEventListener('abort', () => {
        context.log('info', 'tidied up', { because: context.signal.reason.message });
        reject(context.signal.reason);
      });
      context.log('info', 'waiting');
    }),
  ignoreAbort: (context) => {
    context.log('info', 'waiting', { pid: process.pid });
    return forEver();
  },
  askTooOften: async (context) => {
    for (let n = 0; n < 101; n += 1) await context.previousResult();
  },
};

/** Past what Carillon's own side limits. The channel does not block, so a full one refuses. */
function tryWrite(text) {
  try {
    writeSync(3, text);
  } catch {
    // Again.
  }
}

function readable(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export const handlers = [
  { definition: definitions[0], run: async (context, { act, value }) => acts[act](context, value) },
];
