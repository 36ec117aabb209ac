/**
 * Does something for each in turn: what goes wrong with one keeps no other from its turn, and is thrown at the end.
 *
 * @throws what went wrong, or of several an `AggregateError` with the first as its cause
 */
export async function eachInTurn<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const errors: unknown[] = [];
  for (const one of all) await work(one).catch((error: unknown) => errors.push(error));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) {
    throw new AggregateError(errors, `${errors.length} of ${all.length} went wrong`, { cause: errors[0] });
  }
}
