/**
 * What ends or disguises a line: control characters (CR, LF, NUL, NEL), Unicode's line and paragraph separators, and
 * invisible format characters, which turn a name around or hide a part of it.
 */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u;
/** As above, but a subject or a header value may be written with the joiners that some scripts and emoji need. */
const LINE_BREAKING = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Whether a text could be read as something else than it shows, or as more than one line. */
export const isUnsafe = (text: string): boolean => UNSAFE.test(text);

/** Whether a text holds what could end a header line. A tab counts too. */
export const breaksLine = (text: string): boolean => LINE_BREAKING.test(text);
