/** wget(1): a quiet GET whose answer goes nowhere. */
import type { Arguments, OptionTable } from './arguments.js';
import { type HttpRequest, isDiscarded, isPlainUrl } from './http-request.js';

export const wgetOptions: OptionTable = {
  flags: ['-q', '--quiet'],
  valued: { '-O': 'output', '--output-document': 'output' },
  equals: true,
};

export function wgetRequest({ options, operands }: Arguments): HttpRequest | null {
  const [url = '', ...more] = operands;
  const isPlain = isPlainUrl(url) && more.length === 0 && options.every(({ value }) => isDiscarded(value));
  return isPlain ? { method: 'GET', url } : null;
}
