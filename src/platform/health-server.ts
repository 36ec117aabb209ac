import type { RequestListener } from 'node:http';
import { listen, type RunningHttpServer } from './http-server.js';
import type { Metrics } from './metrics.js';

export interface HealthOptions {
  host: string;
  port: number;
  metrics: Metrics;
  /** Whether the worker takes tasks: false while it starts and once it is stopping. */
  isReady: () => boolean;
}

/** Health and metrics of a process that serves nothing else: /healthz, /readyz and /metrics. */
export function startHealthServer(options: HealthOptions): Promise<RunningHttpServer> {
  const { metrics, isReady } = options;
  const listener: RequestListener = (req, res) => {
    const answer = (status: number, text: string, type = 'application/json; charset=utf-8') => {
      res.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(text);
    };
    const path = req.url?.split('?', 1)[0];
    if (req.method !== 'GET' && req.method !== 'HEAD') return answer(405, '{"status":"method not allowed"}');
    if (path === '/healthz') return answer(200, '{"status":"ok"}');
    if (path === '/readyz')
      return isReady() ? answer(200, '{"status":"ready"}') : answer(503, '{"status":"not ready"}');
    if (path !== '/metrics') return answer(404, '{"status":"not found"}');
    metrics.registry.metrics().then(
      (text) => answer(200, text, metrics.registry.contentType),
      () => answer(500, '{"status":"metrics could not be read"}'),
    );
  };
  return listen(listener, { host: options.host, port: options.port, portVariable: 'CARILLON_WORKER_PORT' });
}
