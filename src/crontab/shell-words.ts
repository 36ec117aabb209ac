/** The words of a simple command, as sh reads it (POSIX, Shell Command Language, 2.2 and 2.3). */

/**
 * One piece of a word, or the blanks between two: '...', "..." without expansions, an escaped character, plain
 * characters. What no piece begins with means something to the shell: `$`, a backtick, `|`, `&`, `;`, `<`, `>`, `(`,
 * `)`, a line break, and the patterns `*`, `[`, `{`. (A `?` is left as it is where no file matches, as in a URL.)
 */
const PIECE = /'([^']*)'|"((?:[^"\\$`]|\\.)*)"|\\(.)|([^\s'"\\$`|&;<>()*[\]{}]+)|[ \t]+/gsy;

/** The words after quotes and backslashes are taken away, or null where a shell would do more than split. */
export function shellWords(command: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let end = 0;
  for (const [piece, single, double, escaped, plain] of command.matchAll(PIECE)) {
    end += piece.length;
    const part = single ?? double?.replace(/\\([$`"\\])/g, '$1') ?? escaped ?? plain;
    if (part === undefined) {
      if (word !== null) words.push(word);
      word = null;
      continue;
    }
    // At the beginning of a word: a comment, a home directory.
    if (word === null && plain !== undefined && /^[#~]/.test(plain)) return null;
    if (escaped === '\n' || double?.includes('\\\n') === true) return null;
    word = (word ?? '') + part;
  }
  if (word !== null) words.push(word);
  return end === command.length ? words : null;
}
