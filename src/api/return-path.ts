const LONGEST = 2_048;

/**
 * A path of our own to go back to after the sign-in, as a browser would understand it; undefined for whatever could lead
 * elsewhere, such as `//example.com`, `/\example.com`, `/.//example.com` or one with a line break.
 */
export function returnPath(text: string, origin: string): string | undefined {
  if (text.length > LONGEST || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes('\\')) return undefined;
  if (!URL.canParse(text, origin)) return undefined;
  const url = new URL(text, origin);
  // Back to these pages would be a round without end.
  if (url.origin !== origin || url.pathname.startsWith('//') || url.pathname.startsWith('/auth/')) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}
