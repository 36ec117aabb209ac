/** How a job is called: crontabs have no names, but people write one above. */
import { MAX_NAME_LENGTH } from './limits.js';
import { cutOnWord, onOneLine } from './text.js';

/** Five fields or a nickname, then a command: an entry that somebody switched off. */
const SWITCHED_OFF = /^-?(?:@[a-z]+|(?:[\d*][\d*,/~-]*[ \t]+){3}(?:(?:[\d*]|[a-z]{3}\b)\S*[ \t]+){2})\s*\S/i;
const SWITCHED_OFF_SETTING = /^[A-Z_][A-Z0-9_]*\s*=/;
/** `# m h dom mon dow command`, which Debian's `crontab -e` starts with. */
const HEADING = /^m(?:in(?:ute)?s?)?\.?\s+h/i;

/**
 * The last line with words in the block of comments directly above, unless that is an entry, a setting or the columns'
 * heading; else the command.
 */
export function nameOf(commentsAbove: readonly string[], command: string): string {
  const comment = commentsAbove.map(wordsOf).findLast((words) => words !== '') ?? '';
  return cutOnWord(isName(comment) ? comment : onOneLine(command), MAX_NAME_LENGTH);
}

/** A comment without its frame of `#`; empty for one that is all frame. */
function wordsOf(comment: string): string {
  const words = onOneLine(comment.replace(/^[\s#]+|[\s#]+$/g, ''));
  return /[\p{L}\p{N}*]/u.test(words) && !/^\*+$/.test(words) ? words : '';
}

function isName(comment: string): boolean {
  return comment !== '' && ![SWITCHED_OFF, SWITCHED_OFF_SETTING, HEADING].some((pattern) => pattern.test(comment));
}
