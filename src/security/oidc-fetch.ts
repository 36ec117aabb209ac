const ANSWER_WITHIN_MS = 5_000;
const LARGEST_ANSWER_BYTES = 512 * 1024;

/** Asks a provider: within a time, no redirect followed, and no more read than such an answer can have. */
export async function boundedFetch(url: string, request: RequestInit): Promise<Response> {
  const late = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const signal = request.signal ? AbortSignal.any([request.signal, late]) : late;
  const answer = await fetch(url, { ...request, redirect: 'manual', signal });
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.byteLength;
    if (bytes > LARGEST_ANSWER_BYTES) throw new Error(`the answer of ${url} is too large`);
    parts.push(part);
  }
  const { status, headers } = answer;
  const hasBody = status !== 204 && status !== 304;
  return new Response(hasBody ? Buffer.concat(parts) : null, { status, headers: withoutEncoding(headers) });
}

/** The same for what there must be. @throws Error when the answer is any other than 200 */
export async function askFor(url: string, request: RequestInit): Promise<Response> {
  const answer = await boundedFetch(url, request);
  if (answer.status !== 200) throw new Error(`the OIDC provider answered ${answer.status} to ${url}`);
  return answer;
}

/** What was read is decoded already. */
function withoutEncoding(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
  return kept;
}

/**
 * Runs work that may fail for a while, such as asking a server that is away: for `coolDownMs` after a failure its error is
 * thrown again without trying, so that callers cannot make it be asked without end.
 */
export function coolingDown(
  coolDownMs: number,
  onFailed: (error: unknown) => void,
): <T>(work: () => Promise<T>) => Promise<T> {
  let failed: { error: unknown; at: number } | undefined;
  return async (work) => {
    if (failed && performance.now() - failed.at < coolDownMs) throw failed.error;
    try {
      const result = await work();
      failed = undefined;
      return result;
    } catch (error) {
      failed = { error, at: performance.now() };
      onFailed(error);
      throw error;
    }
  };
}
