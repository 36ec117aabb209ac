import express, { type Express } from 'express';
import helmet from 'helmet';
import { accessLog } from './middleware/access-log.js';
import { authenticate } from './middleware/authenticate.js';
import { answerProblems } from './middleware/problems.js';
import { beginRequest } from './middleware/request-context.js';
import type { ApiPorts } from './ports.js';
import { publicPages } from './public-pages.js';
import { createRouter } from './router.js';
import { signInPages } from './sign-in-pages.js';

/** There is nothing here that a browser should run, load or frame. */
const securityHeaders = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  xFrameOptions: { action: 'deny' },
});

/** The HTTP API. The order is the point: nothing is routed before the caller is known. */
export function createApp(ports: ApiPorts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(beginRequest);
  app.use(accessLog(ports.logger, ports.metrics));
  app.use(securityHeaders);
  app.use(publicPages(ports));
  app.use(signInPages(ports));
  app.use(authenticate(ports.authenticator));
  app.use(createRouter(ports));
  app.use(answerProblems(ports.logger));
  return app;
}
