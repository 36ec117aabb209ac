import express, { type Express } from 'express';
import helmet from 'helmet';
import { clientAddressReader } from './client-address.js';
import { accessLog } from './middleware/access-log.js';
import { authenticate } from './middleware/authenticate.js';
import { cors } from './middleware/cors.js';
import { plainRequests } from './middleware/plain-requests.js';
import { answerProblems } from './middleware/problems.js';
import { limitAddress, limitPrincipal } from './middleware/rate-limit.js';
import { beginRequest } from './middleware/request-context.js';
import type { AppPorts } from './ports.js';
import { publicPages } from './public-pages.js';
import { createRouter } from './router.js';

/** There is nothing here that a browser should run, load or frame. */
const securityHeaders = (isHttps: boolean) =>
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xFrameOptions: { action: 'deny' },
    // Where a proxy ends TLS, it is the proxy's to say.
    strictTransportSecurity: isHttps && { maxAge: YEAR_SECONDS, includeSubDomains: false },
  });
const YEAR_SECONDS = 31_536_000;

/** The HTTP API. The order is the point: nothing is routed before the caller is known. */
export function createApp(ports: AppPorts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(beginRequest(clientAddressReader(ports.trustedProxies ?? [])));
  app.use(accessLog(ports.logger, ports.metrics));
  app.use(securityHeaders(ports.isHttps ?? false));
  app.use(limitAddress(ports.rateLimits.address));
  app.use(plainRequests);
  app.use(cors(ports.corsOrigins ?? []));
  app.use(publicPages(ports));
  app.use(authenticate(ports.authenticator, ports.rateLimits.failedAuthentication));
  app.use(limitPrincipal(ports.rateLimits.principal));
  app.use(createRouter(ports));
  app.use(answerProblems(ports.logger));
  return app;
}
