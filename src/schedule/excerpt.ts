const LONGEST_QUOTED = 60;

/** A text as an error sentence quotes it: what is long is cut, so that the sentence can be read. */
export function excerpt(text: string): string {
  return text.length <= LONGEST_QUOTED ? text : `${text.slice(0, LONGEST_QUOTED)}...`;
}
