import type { CommandPorts } from '../commands/index.js';
import type { Logger } from '../platform/logging.js';
import type { Metrics } from '../platform/metrics.js';
import type { Authenticator } from '../security/authenticator.js';
import type { Readiness } from './readiness.js';

/** What the API needs of the world. */
export interface ApiPorts {
  readonly commands: CommandPorts;
  readonly authenticator: Authenticator;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  readonly version: string;
}
