/** Does something at each interval until stopped; a round that takes longer is waited for, and one that fails is told. */
export function startRounds(
  everyMs: number,
  round: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): { stop(): Promise<void> } {
  let underWay: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    underWay ??= round()
      .catch(onFailure)
      .finally(() => (underWay = undefined));
  }, everyMs);
  return {
    /** Resolves when the round under way has ended. */
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}
