/** Sorts the arguments of a program into options and operands, as getopt_long(3) does. */

export interface OptionTable {
  /** Options without a value that change nothing of the request, with their dashes. */
  flags: readonly string[];
  /** Options with a value, and what they are called here. */
  valued: Readonly<Record<string, string>>;
  /** Whether a long option may have its value behind `=`: wget's may, curl's may not. */
  equals: boolean;
}

export interface Arguments {
  options: { name: string; value: string }[];
  operands: string[];
}

/** Null if there is an option that the table does not name, or one without its value. */
export function readArguments(words: readonly string[], table: OptionTable): Arguments | null {
  const options: Arguments['options'] = [];
  const operands: string[] = [];
  const waiting = [...words];
  for (let word = waiting.shift(); word !== undefined; word = waiting.shift()) {
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const valued = word.startsWith('--') ? splitLong(word, table) : splitShort(word, table);
    if (valued === null) return null;
    if (valued === 'flags') continue;
    const value = valued.value ?? waiting.shift();
    if (value === undefined) return null;
    options.push({ name: valued.name, value });
  }
  return { options, operands };
}

/** A word with options: only flags, or the one with a value, which may be the next word; null for what is unknown. */
type Split = 'flags' | { name: string; value: string | undefined } | null;

function splitLong(word: string, { flags, valued, equals }: OptionTable): Split {
  if (flags.includes(word)) return 'flags';
  const at = equals ? word.indexOf('=') : -1;
  const name = nameIn(valued, at === -1 ? word : word.slice(0, at));
  return name === undefined ? null : { name, value: at === -1 ? undefined : word.slice(at + 1) };
}

/** `-fsSo/dev/null` is four options, the last one with its value. */
function splitShort(word: string, { flags, valued }: OptionTable): Split {
  for (let index = 1; index < word.length; index++) {
    const option = `-${word[index]}`;
    const name = nameIn(valued, option);
    if (name !== undefined) return { name, value: word.slice(index + 1) || undefined };
    if (!flags.includes(option)) return null;
  }
  return 'flags';
}

function nameIn(valued: OptionTable['valued'], option: string): string | undefined {
  return Object.hasOwn(valued, option) ? valued[option] : undefined;
}
