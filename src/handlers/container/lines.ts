const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export interface LineSplitter {
  push(bytes: Buffer): void;
  /** Hands on a last line that has no end. */
  end(): void;
}

/**
 * Makes lines of bytes that come cut anywhere. Decodes whole lines only, so that no character is broken, and splits a
 * line that is longer than `maxBytes`, between two characters. Bytes that are no UTF-8 become U+FFFD.
 */
export function createLineSplitter(maxBytes: number, onLine: (line: string, bytes: number) => void): LineSplitter {
  let pending: Buffer[] = [];
  let size = 0;
  const emit = (bytes: Buffer): void => onLine(bytes.toString('utf8'), bytes.length);
  const take = (): Buffer => {
    const whole = Buffer.concat(pending);
    pending = [];
    size = 0;
    return whole;
  };
  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    pending.push(bytes);
    size += bytes.length;
    if (size <= maxBytes) return;
    let long = take();
    while (long.length > maxBytes) {
      const end = characterStart(long, maxBytes);
      emit(long.subarray(0, end));
      long = long.subarray(end);
    }
    // A copy: a piece of a few bytes must not hold on to a chunk of many.
    pending = [Buffer.from(long)];
    size = long.length;
  };
  const emitLine = (): void => {
    const line = take();
    emit(line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line);
  };
  return {
    push(bytes) {
      let rest = bytes;
      for (let at = rest.indexOf(LINE_FEED); at !== -1; at = rest.indexOf(LINE_FEED)) {
        keep(rest.subarray(0, at));
        emitLine();
        rest = rest.subarray(at + 1);
      }
      keep(rest);
    },
    end() {
      if (size > 0) emitLine();
    },
  };
}

/** The nearest place at or before `index` where a UTF-8 character begins; `index` itself where there is none near. */
export function characterStart(bytes: Buffer, index: number): number {
  let start = index;
  while (start > index - 4 && start > 0 && isContinuation(bytes[start])) start -= 1;
  return isContinuation(bytes[start]) || start === 0 ? index : start;
}

export const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;
