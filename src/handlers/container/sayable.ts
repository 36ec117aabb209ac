import { shortened } from '../shared/text.js';
import { cleanText } from './clean-text.js';
import type { ContainerPayload } from './definition.js';

const MAX_WORDS_LENGTH = 200;
/** A shorter value, or piece of one, is no secret, and is found in any sentence. */
const MIN_SECRET_LENGTH = 4;

/** As much of an engine's words as can be told: cleaned, cut, and empty where they quote the payload's values. */
export type Sayable = (text: string) => string;

/**
 * Engines quote what they were given ("invalid environment variable: PASSWORD=..."), escaped in their own way. So a text
 * is dropped whole when it holds a value of the environment or an argument, with or without its punctuation, or a piece
 * of one.
 */
export function sayableFor({ environment = {}, command = [], entrypoint = [] }: ContainerPayload): Sayable {
  const values = [...Object.values(environment), ...command, ...entrypoint];
  const quotes = longEnough(values.flatMap((value) => [value, ...(value.match(/[\p{L}\p{N}]+/gu) ?? [])]));
  const letters = longEnough(values.map(lettersOf));
  return (text) => {
    const isQuoting = quotes.some((quote) => text.includes(quote));
    return isQuoting || letters.some((part) => lettersOf(text).includes(part)) ? '' : oneLine(text);
  };
}

const longEnough = (texts: readonly string[]): string[] => texts.filter((text) => text.length >= MIN_SECRET_LENGTH);
const lettersOf = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]/gu, '');

/** One line, without queries of URLs: registries hand out signed ones. */
function oneLine(text: string): string {
  const line = cleanText(text)
    .replaceAll(/\?[^\s"']+/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return shortened(line, MAX_WORDS_LENGTH);
}
