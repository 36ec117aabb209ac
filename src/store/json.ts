/**
 * JSON text that Postgres takes: NUL and lone surrogates, which it refuses in text and jsonb, become U+FFFD. They reach
 * us in what a handler answers; what users submit is refused at the edge. Undefined becomes SQL's null.
 */
export function toJson(value: unknown): string | null {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return null;
  // JSON.stringify writes both as escapes; an escaped backslash before the same letters is neither.
  return text.replace(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g, (escape) => (escape === '\\\\' ? escape : '\\ufffd'));
}
