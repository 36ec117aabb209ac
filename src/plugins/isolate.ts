// The process of one run of an isolated handler. The worker starts it, hands it the run, and kills it at the end: it
// ends by itself only when the worker is gone. It is started for every run, so it loads as little as it can.
import { writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { createLineReader } from '../handlers/shared/line-reader.js';
import { resultThatFits } from '../handlers/shared/result.js';
import { answerQuestion, createContext } from './isolate-context.js';
import { thrownError } from './isolate-error.js';
import { startWatchdog } from './isolate-watchdog.js';
import { importHandlers } from './exported-list.js';
import { BEAT_EVERY_MS } from './limits.js';
import { CHANNEL_FD, type FromChild, type ModuleToLoad, type ToChild } from './messages.js';
import { whyNotLoaded } from './plugin-error.js';
import { provideHandlerModule } from './provide-handler-module.js';

const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
const abort = new AbortController();
let hasEnded = false;

const send = (message: FromChild): void => {
  if (!hasEnded) channel.write(`${JSON.stringify(message)}\n`);
};
/** The worker kills this process as soon as it has read how the run ended; what comes later is not sent. */
const end = (message: FromChild): void => {
  send(message);
  hasEnded = true;
};

mayDieFirst();
// By the worker's word: asked of the system, it could be the one that takes over orphans.
startWatchdog(Number(process.argv[2]));
const endGroup = (): void => void process.kill(-process.pid, 'SIGKILL');
channel.on('close', endGroup).on('error', endGroup).on('end', endGroup);
const crashed = (what: string) => (error: unknown) =>
  end({ type: 'error', error: { ...thrownError(error, what), code: 'handler_crashed', retryable: true } });
process.on('uncaughtException', crashed('An error was not caught'));
process.on('unhandledRejection', crashed('A rejection was not handled'));

send({ type: 'beat' });
setInterval(() => send({ type: 'beat' }), BEAT_EVERY_MS);

const lines = createLineReader(Infinity, (line) => hear(JSON.parse(line) as ToChild));
channel.on('data', (chunk: Buffer) => lines.push(chunk));

function hear(message: ToChild): void {
  switch (message.type) {
    case 'check':
      void check(message.module);
      break;
    case 'run':
      void run(message);
      break;
    case 'abort':
      abort.abort(new DOMException(message.message, 'AbortError'));
      break;
    case 'answer':
      answerQuestion(message);
      break;
  }
}

async function check(module: ModuleToLoad): Promise<void> {
  const handlers = await load(module);
  if (handlers) end({ type: 'handlers', names: handlers.map(({ definition }) => definition.name) });
}

async function run({ module, handler: name, facts, payload }: Extract<ToChild, { type: 'run' }>): Promise<void> {
  const handlers = await load(module);
  if (!handlers) return;
  const handler = handlers.find(({ definition }) => definition.name === name);
  if (!handler) {
    end({
      type: 'error',
      error: { code: 'plugin_not_loaded', message: `${module.handlersFile} has no handler ${name}.` },
    });
    return;
  }
  try {
    // Again, as this side may have another release of the plugin than the one that accepted the job.
    const parsed = await handler.definition.payloadSchema.safeParseAsync(payload);
    if (!parsed.success) {
      const message = 'The handler of this release does not take the payload of this job.';
      end({ type: 'error', error: { code: 'payload_invalid', message, retryable: false } });
      return;
    }
    const value = await handler.run(createContext(facts, abort.signal, send), parsed.data);
    end({ type: 'result', value: resultThatFits(value) });
  } catch (error) {
    end({ type: 'error', error: thrownError(error) });
  }
}

async function load({ handlersFile, providesCarillon }: ModuleToLoad) {
  try {
    if (providesCarillon) provideHandlerModule(handlersFile);
    return await importHandlers(handlersFile);
  } catch (error) {
    const message = `${handlersFile}: ${whyNotLoaded(error, handlersFile)}.`;
    end({ type: 'error', error: { ...thrownError(message), code: 'plugin_not_loaded', retryable: true } });
    return undefined;
  }
}

/** Where the machine runs out of memory, Linux is to kill this process, and not the worker. */
function mayDieFirst(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or not allowed.
  }
}
