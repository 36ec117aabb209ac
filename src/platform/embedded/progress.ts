/** Prints one line to the person at the terminal. */
export type Say = (line: string) => void;

/** Says what a long step is, does it, and says how long it took. Its error is thrown on, unsaid. */
export async function announced<T>(say: Say, step: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  say(`${step} ...`);
  const result = await work();
  say(`${step}: done in ${seconds(performance.now() - startedAt)}`);
  return result;
}

/** Milliseconds as `1.2 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
