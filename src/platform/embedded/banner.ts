import path from 'node:path';
import type { DevConfig } from './dev-config.js';
import { seconds } from './progress.js';

/** The base URL of the API, as a browser on this machine reaches it. */
export function apiUrl({ host, port }: Pick<DevConfig, 'host' | 'port'>): string {
  const isAny = host === '0.0.0.0' || host === '::';
  const name = isAny ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** What `npm start` prints when all is up: where things are, and a first job to try. */
export function readyText(config: DevConfig, adminKeyFile: string, tookMs: number): string {
  const url = apiUrl(config);
  const shown = (file: string): string => quoted(relativeToHere(file));
  const key = config.hasOwnAdminKey ? '"$CARILLON_ADMIN_KEY"' : `"$(cat ${shown(adminKeyFile)})"`;
  return `
Carillon is ready (${seconds(tookMs)}).

  API              ${url}
  Temporal Web UI  ${config.temporalAddress === undefined ? `http://127.0.0.1:${config.temporalUiPort}` : `that of ${config.temporalAddress}`}
  Admin key        ${config.hasOwnAdminKey ? 'the one in CARILLON_ADMIN_KEY' : relativeToHere(adminKeyFile)}
  Logs             ${relativeToHere(path.join(config.dataDir, 'logs'))}

Try it: a job that is due now, then what became of it.

  KEY=${key}
  curl -s ${url}/api/jobs -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
    -d '{"jobName":"hello","jobType":"one-time","executionTime":"now","payload":{"message":"Hello"}}'
  curl -s ${url}/api/jobs/JOB_ID/status -H "Authorization: Bearer $KEY"

Ctrl-C stops everything; the next start goes on from there.
`;
}

function relativeToHere(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

/** For a shell, where it needs that. */
function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
