/** English for numbers, times and lists. */

export const weekdayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
export const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** 1st, 2nd, 3rd, 11th, 21st. */
export function ordinal(n: number): string {
  const teen = n % 100 >= 11 && n % 100 <= 13;
  return `${n}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')}`;
}

/** "a", "a and b", "a, b and c". */
export function inWords(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** "09:30", with seconds and milliseconds only where they are not zero. */
export function clock(hour: number, minute: number, second = 0, millisecond = 0): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const fraction = millisecond === 0 ? '' : `.${String(millisecond).padStart(3, '0')}`;
  const seconds = second === 0 && fraction === '' ? '' : `:${two(second)}${fraction}`;
  return `${two(hour)}:${two(minute)}${seconds}`;
}

/** "1 minute", "15 minutes". */
export function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** "The day" to "the day", within a sentence. */
export function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
