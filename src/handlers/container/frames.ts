export type StreamName = 'stdout' | 'stderr';

const HEADER_BYTES = 8;
const STDOUT = 1;
/** stdin's echo, stdout, stderr, and errors of the engine itself. */
const LAST_TYPE = 3;

/**
 * Takes apart the engine's multiplexed stream ("Stream format" of POST /containers/{id}/attach): frames of one byte for
 * the type, three zero bytes, four bytes for the length (big-endian), then that much output. What is there of a frame is
 * handed on at once: a frame may say that it has 4 GiB.
 *
 * @returns takes the next chunk, cut anywhere. @throws Error at something that is no frame
 */
export function createDemultiplexer(write: (name: StreamName, bytes: Buffer) => void): (chunk: Buffer) => void {
  const header = Buffer.alloc(HEADER_BYTES);
  let headerBytes = 0;
  let missing = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (headerBytes < HEADER_BYTES) {
        const copied = rest.copy(header, headerBytes);
        headerBytes += copied;
        rest = rest.subarray(copied);
        if (headerBytes < HEADER_BYTES) return;
        if (header.readUInt32BE(0) % 2 ** 24 !== 0 || header.readUInt8(0) > LAST_TYPE)
          throw new Error('This is no frame.');
        missing = header.readUInt32BE(4);
      }
      const part = rest.subarray(0, missing);
      rest = rest.subarray(part.length);
      missing -= part.length;
      if (part.length > 0) write(header.readUInt8(0) <= STDOUT ? 'stdout' : 'stderr', part);
      if (missing === 0) headerBytes = 0;
    }
  };
}
