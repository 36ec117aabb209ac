const MAX_URL_LENGTH = 2_048;
/** URL parsers drop or escape these in silence, so what is checked would not be what was written. */
const CONTROL_OR_SPACE = /[\p{Cc} ]/u;

/** Why a URL can't be called, as a sentence; undefined when it can. The address behind it is judged when the job runs. */
export function urlProblem(text: string): string | undefined {
  if (text.length > MAX_URL_LENGTH) return 'The URL must be at most 2,048 characters long.';
  if (CONTROL_OR_SPACE.test(text)) return 'The URL must hold no spaces or control characters.';
  if (!URL.canParse(text)) return 'The URL must be absolute, such as https://example.com/path.';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'The URL must start with http:// or https://.';
  if (url.username !== '' || url.password !== '')
    return 'The URL must hold no user name or password; use the Authorization header.';
  return undefined;
}
