import { readArguments } from './arguments.js';
import { curlOptions, curlRequest } from './curl.js';
import type { HttpRequest } from './http-request.js';
import { MAX_LINE_LENGTH } from './limits.js';
import { shellWords } from './shell-words.js';
import { wgetOptions, wgetRequest } from './wget.js';

const PROGRAM = /^(?:\/(?:usr\/(?:local\/)?)?bin\/)?(curl|wget)$/;

/** `>/dev/null 2>&1` and its kin at the end of a command. A digit belongs to the `>` only where it is its own word. */
const REDIRECTIONS = /(?:(?:[ \t]+[12]|[ \t]*&|[ \t]*)>>?[ \t]*\/dev\/null|[ \t]+2>&1)+[ \t]*$/;

/**
 * The payload of the `http` job that makes the same call as a command, if the command is the plain call of one URL by
 * curl or wget with its output thrown away; null for everything else. Two differences are taken for what was meant: the
 * job fails at an answer outside 2xx even without curl's -f, and follows redirects even without -L.
 */
export function httpRequestOf(command: string): HttpRequest | null {
  if (command.length > MAX_LINE_LENGTH) return null;
  const [program = '', ...words] = shellWords(withoutRedirections(command.trim())) ?? [];
  const name = PROGRAM.exec(program)?.[1];
  if (name === undefined) return null;
  const [table, request] = name === 'curl' ? [curlOptions, curlRequest] : [wgetOptions, wgetRequest];
  const given = readArguments(words, table);
  return given === null ? null : request(given);
}

/** Where the end stands in quotes, cutting it off leaves a quote open, which is null later. */
function withoutRedirections(command: string): string {
  const end = REDIRECTIONS.exec(command);
  return end === null ? command : command.slice(0, end.index);
}
