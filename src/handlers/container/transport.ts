import { inspect } from 'node:util';
import { Agent, type IncomingMessage } from 'node:http';
import { MIB } from '../shared/size.js';
import type { EngineAddress } from './engine-address.js';
import { EngineError, unanswered } from './engine-error.js';

/** A longer answer is no answer of an engine. */
const MAX_ANSWER_BYTES = 8 * MIB;
/** When to ask whether the other side of a silent connection is still there. */
const KEEP_ALIVE_AFTER_MS = 30_000;

export interface EngineRequest {
  /** What it is for, as errors say it: `starting the container`. */
  readonly doing: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  readonly signal: AbortSignal;
}

export interface Transport {
  /** The answer's body as it comes. @throws EngineError; the signal's reason */
  open(request: EngineRequest): Promise<IncomingMessage>;
  /** The answer's JSON, or undefined where it is empty. @throws EngineError; the signal's reason */
  call(request: EngineRequest): Promise<unknown>;
}

/** The part of dockerode that speaks HTTP. */
interface Modem {
  dial(options: object, done: (error: unknown, answer: unknown) => void): void;
}

/**
 * Speaks with an engine through dockerode's modem, and always takes the answer as a stream: dockerode's own methods write
 * what a container is made of (its environment, too) into the URL, and never settle when a connection ends in the middle
 * of an answer, as it does when the engine ends while a container is waited for.
 */
export function createTransport(address: EngineAddress): Transport {
  let loading: Promise<Modem> | undefined;
  const open = async (request: EngineRequest): Promise<IncomingMessage> => {
    loading ??= loadModem(address);
    return dial(await loading, request);
  };
  return {
    open,
    async call(request) {
      const text = await textOf(await open(request), request);
      try {
        return text === '' ? undefined : (JSON.parse(text) as unknown);
      } catch {
        throw new EngineError(request.doing, { code: 'EPROTO' });
      }
    },
  };
}

/** dockerode takes a quarter of a second and 20 MB to load: only nodes that run containers pay. */
async function loadModem(address: EngineAddress): Promise<Modem> {
  const { default: Docker } = await import('dockerode');
  // All are said, since what is left out is taken from the process's DOCKER_* variables.
  const nothing = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  };
  // docker-modem inspects the options of each request, as deep as they go, for a log that nobody reads: through the agent's
  // sockets to all that the run's own context holds, for seconds.
  // Connections are not kept: one that the engine has closed meanwhile would fail the next request.
  const agent = Object.assign(new Agent({ keepAlive: false }), { [inspect.custom]: () => 'Agent' });
  const rest = { protocol: 'http', pathPrefix: '/', timeout: 0, agent };
  const options = { ...nothing, ...rest, ...address } as ConstructorParameters<typeof Docker>[0];
  const modem: Modem = new Docker(options).modem;
  return modem;
}

function dial(
  modem: Modem,
  { doing, method, path, query = {}, body = {}, signal }: EngineRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = {
      method,
      // The question mark makes the modem append the query.
      path: Object.keys(query).length === 0 ? path : `${path}?`,
      options: { _query: query, _body: body },
      abortSignal: signal,
      isStream: true,
      statusCodes: { 200: true, 201: true, 204: true },
    };
    modem.dial(request, (error, answer) => {
      if (error !== null && error !== undefined) return reject(unanswered(doing, error, signal));
      const stream = answer as IncomingMessage;
      stream.socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
      resolve(stream);
    });
  });
}

async function textOf(stream: IncomingMessage, { doing, signal }: EngineRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw Object.assign(new Error(), { code: 'EMSGSIZE' });
    }
  } catch (error) {
    throw unanswered(doing, error, signal);
  }
  return Buffer.concat(chunks).toString();
}
