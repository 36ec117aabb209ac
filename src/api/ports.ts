import type { CommandPorts } from '../commands/index.js';
import type { Logger } from '../platform/logging.js';
import type { Metrics } from '../platform/metrics.js';
import type { Authenticator } from '../security/principals.js';
import type { RateLimits } from '../security/rate-limits.js';
import type { Database } from '../store/database.js';
import type { Readiness } from './readiness.js';

/** What a route gets: its `commands.db` is the caller's project's, but for what the whole instance is about. */
export interface ApiPorts {
  readonly commands: CommandPorts;
  readonly authenticator: Authenticator;
  readonly rateLimits: Omit<RateLimits, 'stop'>;
  /** Addresses and CIDRs of the proxies whose `X-Forwarded-For` counts; none when left out. */
  readonly trustedProxies?: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly version: string;
  /** Whether this process itself speaks HTTPS. */
  readonly isHttps?: boolean;
  /** The origins whose pages may call; none when left out. */
  readonly corsOrigins?: readonly string[];
}

/** What the API needs of the world. */
export interface AppPorts extends ApiPorts {
  readonly commands: CommandPorts & { readonly db: Database };
}
