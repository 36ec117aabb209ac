/** Asked every few seconds, for ever, by what watches the process: not limited, and hardly worth a log line. */
export const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);
