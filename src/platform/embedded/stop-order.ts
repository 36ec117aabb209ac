/** What is ended first when all is stopped: those that need the others. */
export const stopOrder = { apiAndWorker: 1, temporal: 2, postgres: 3 } as const;
