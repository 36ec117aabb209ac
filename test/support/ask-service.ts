/** Asks the keeper of the test services (services-keeper.mjs), which starts what it has not started yet. */
export async function askService<Answer>(name: string, argument = ''): Promise<Answer> {
  const keeper = process.env['CARILLON_TEST_SERVICES'];
  if (keeper === undefined) throw new Error('No test services: run the tests by `npm test`.');
  const response = await fetch(`${keeper}/${name}/${encodeURIComponent(argument)}`, {
    // A connection that was kept may be closed by the other side at the moment it is used again.
    headers: { connection: 'close' },
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`The test service ${name} failed: ${(body as { message: string }).message}`);
  return body as Answer;
}
