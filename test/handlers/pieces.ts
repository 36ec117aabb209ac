import fc from 'fast-check';

/** Bytes in pieces that end at these places, in whatever order they are. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

/** Places to cut at. */
export const somePlaces = fc.array(fc.nat(2_000), { maxLength: 40 });
