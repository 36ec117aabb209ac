import type { z } from 'zod';
import type { ProblemAnswer } from '../contract/answers/problem.js';

export type Problem = z.output<typeof ProblemAnswer>;

/** A call that was refused, or that failed on the side of the API. */
export class CarillonProblem extends Error {
  override readonly name = 'CarillonProblem';
  /** The HTTP status. */
  readonly status: number;
  /** What went wrong, for programs: stable. `not_from_carillon` where a proxy answered in the API's place. */
  readonly code: string;
  /** After how many milliseconds asking again can help; undefined: the API does not say. */
  readonly retryAfterMs: number | undefined;
  /** The whole problem; undefined where a proxy answered in the API's place. */
  readonly problem: Problem | undefined;

  constructor(response: Response, problem: Problem | undefined) {
    super(problem?.detail ?? `The answer, ${response.status}, does not come from Carillon.`);
    this.status = response.status;
    this.code = problem?.code ?? 'not_from_carillon';
    this.retryAfterMs = retryAfterMsOf(response.headers.get('retry-after'));
    this.problem = problem;
  }
}

/** Reads the refusal of a response, whose body is used up by that. */
export async function problemOf(response: Response): Promise<CarillonProblem> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
  const problem = isProblem ? ((await response.json()) as Problem) : undefined;
  if (!isProblem) await response.body?.cancel();
  return new CarillonProblem(response, problem);
}

/** RFC 9110, section 10.2.3, in seconds: the API sends no dates. */
function retryAfterMsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined;
}
