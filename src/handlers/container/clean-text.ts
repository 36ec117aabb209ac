import { stripVTControlCharacters } from 'node:util';

/**
 * Plain text of a program's output: without colours and other orders to a terminal, and with U+FFFD for what is left of
 * control characters. Postgres takes no NUL, and a reader's terminal should take no orders.
 */
export const cleanText = (text: string): string =>
  stripVTControlCharacters(text).replaceAll(/(?![\t\r\n])\p{Cc}/gu, '\ufffd');
