import type { EndpointName } from '../contract/endpoints.js';
import type { Identity } from '../security/principals.js';

/** What is known of a request while it is answered. */
export interface RequestContext {
  readonly requestId: string;
  readonly traceId: string;
  /** The client's: of a connection from a trusted proxy, the one that it names. */
  readonly address: string;
  /** On the process's monotonic clock. */
  readonly startedMs: number;
  /** The template of the path that was matched; `unmatched` for none. */
  route: string;
  endpoint?: EndpointName;
  identity?: Identity;
  /** Why the caller was not let in, in a word. */
  refusal?: string;
  jobId?: string;
}

declare global {
  // The way that Express offers to type res.locals.
  namespace Express {
    interface Locals {
      context: RequestContext;
    }
  }
}
