// Keeps the services of one test run: prints the URL it is asked at and the folder of the run, starts a service when it is first asked for, and
// ends all of them and itself when its standard input closes, that is when the test run is over or was killed.
import { createServer } from 'node:http';
import { testServices } from './services.mjs';

const services = testServices();

const server = createServer((request, response) => {
  const answer = (status, body) => response.writeHead(status).end(JSON.stringify(body));
  const [, name, argument] = request.url.split('/');
  services[name](argument).then(
    (value) => answer(200, value ?? null),
    (error) => answer(500, { message: error.stack }),
  );
});
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, dir: services.dir })),
);

process.stdin.resume().once('close', async () => {
  await services.stop();
  process.exit(0);
});
// Ended by the closing of its standard input only.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
