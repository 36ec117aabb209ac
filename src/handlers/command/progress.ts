const PROGRESS = /^::progress (0|1|0?\.\d{1,9}|[01]\.\d{1,9})(?: (.*))?$/;

/** What a line such as `::progress 0.5 half of the tables` tells; undefined for any other line. */
export function progressOf(line: string): { fraction: number; message: string | undefined } | undefined {
  const match = PROGRESS.exec(line);
  if (!match) return undefined;
  const fraction = Number(match[1]);
  return fraction > 1 ? undefined : { fraction, message: match[2] };
}
