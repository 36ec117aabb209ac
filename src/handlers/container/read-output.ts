import type { Readable } from 'node:stream';
import type { ProgramOutput } from '../shared/program-output.js';
import { createDemultiplexer } from './frames.js';

/** Reads a multiplexed stream of a container's output to its end. Resolves, too, when it breaks or is no such stream. */
export async function readOutput(stream: Readable, output: ProgramOutput): Promise<void> {
  const demultiplex = createDemultiplexer((name, bytes) => output[name].push(bytes));
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) demultiplex(chunk);
  } catch {
    // What broke it shows where the container is waited for.
  } finally {
    output.stdout.end();
    output.stderr.end();
  }
}
