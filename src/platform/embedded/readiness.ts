import { becomesTrue } from './wait.js';

const WITHIN_MS = 60_000;

/**
 * Waits until the API says that all it needs is there: `GET /readyz` is 200.
 * @throws Error with its last answer when that takes more than a minute. Ends early, without one, when `isOver`.
 */
export async function untilReady(baseUrl: string, isOver: () => boolean): Promise<void> {
  let answer = 'no answer';
  const isReady = async (): Promise<boolean> => {
    try {
      const response = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
      answer = `${response.status} ${await response.text()}`;
      return response.ok;
    } catch {
      return false;
    }
  };
  const isUp = await becomesTrue(async () => isOver() || (await isReady()), { withinMs: WITHIN_MS, everyMs: 30 });
  if (!isUp) throw new Error(`Not ready after a minute. GET ${baseUrl}/readyz: ${answer}`);
}
