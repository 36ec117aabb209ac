const GIVE_UP_AFTER_MS = 20_000;
const LOOK_EVERY_MS = 20;

/** Waits until `look` answers without throwing, and returns its answer; throws its last error when it never does. */
export async function eventually<T>(look: () => Promise<T> | T, giveUpAfterMs = GIVE_UP_AFTER_MS): Promise<T> {
  const giveUpAt = performance.now() + giveUpAfterMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_EVERY_MS); // between two looks at the condition
      });
    }
  }
}
