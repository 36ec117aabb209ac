const ESC = '\u001b';
const BEL = '\u0007';

/**
 * Sequences that colour or move on a terminal (ECMA-48: CSI, then OSC up to its end). No part can match what the next one
 * begins with, so that hostile output costs no more than other output.
 */
const ESCAPES = new RegExp(`${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)`, 'g');

/** Control characters but the tab; the NUL among them is refused by Postgres. */
const CONTROLS = /[^\P{Cc}\t]/gu;

/** One line as a terminal would show it in the end: without escape sequences, and of what CR overwrote only the last. */
export function printable(line: string): string {
  const ended = line.endsWith('\r') ? line.slice(0, -1) : line;
  const shown = ended.slice(ended.lastIndexOf('\r') + 1);
  return shown.replace(ESCAPES, '').replace(CONTROLS, '');
}

/** Several lines, each as {@link printable} has it. */
export const printableText = (text: string): string => text.split('\n').map(printable).join('\n');
