// A server to point `http` jobs at: it prints each request, and answers 200. `node examples/http-sink.mjs 9000`
import { createServer } from 'node:http';

/** What tells a receiver which run is calling; the key is the same for every attempt of a run. */
const SHOWN = [
  'content-type',
  'idempotency-key',
  'x-carillon-job-id',
  'x-carillon-run-id',
  'x-carillon-attempt',
  'x-carillon-scheduled-for',
];

const port = Number(process.argv[2] ?? 9000);

const server = createServer(async (req, res) => {
  const at = new Date().toISOString();
  const chunks = await req.toArray();
  const headers = SHOWN.filter((name) => req.headers[name]).map((name) => `  ${name}: ${String(req.headers[name])}`);
  console.log([`${at} ${req.method} ${req.url}`, ...headers, `  ${Buffer.concat(chunks).toString()}`].join('\n'));
  res.setHeader('Content-Type', 'application/json').end('{"received":true}');
});
server.on('error', ({ code, message }) => {
  const isTaken = code === 'EADDRINUSE';
  console.error(isTaken ? `Port ${port} is taken: give another, and put it into CARILLON_HTTP_ALLOW.` : message);
  process.exitCode = 1;
});
server.listen(port, '127.0.0.1', () => console.log(`Listening on http://127.0.0.1:${port}; Ctrl-C ends it.`));
