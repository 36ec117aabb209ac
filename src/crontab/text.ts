/** Shortens what people wrote, for names and for showing. */

/** At most `max` characters (UTF-16 units), cut before a word where there is one to cut before. */
export function cutOnWord(text: string, max: number): string {
  if (text.length <= max) return text;
  const lastBlank = text.lastIndexOf(' ', max);
  // Never half of a surrogate pair: it is no text, and Postgres refuses it.
  return lastBlank > 0 ? text.slice(0, lastBlank) : text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
}

/** On one line and safe for a terminal: no control characters, single blanks, none at the ends. */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
