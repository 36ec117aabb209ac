import pg from 'pg';

type Parse = (text: string) => unknown;

/** JSON has no NaN and no infinity: those stay texts. */
const float: Parse = (text) => (Number.isFinite(Number(text)) ? Number(text) : text);

/** A deep document would be parsed, but could not be written again: it stays a text. */
function json(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    JSON.stringify(value);
    return value;
  } catch {
    return text;
  }
}

const TIMESTAMP = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d)?((?::\d\d)*)$/;

/** `2026-03-01 06:00:00.5+02` as ISO 8601, all its digits kept; `infinity` and years BC stay as the server writes them. */
function timestamp(text: string): string {
  const match = TIMESTAMP.exec(text);
  if (!match) return text;
  const [, date, time, hours, rest = ''] = match;
  if (hours === undefined) return `${date}T${time}`;
  return hours === '+00' && rest === '' ? `${date}T${time}Z` : `${date}T${time}${hours}${rest || ':00'}`;
}

const bytes: Parse = (text) => Buffer.from(text.slice(2), 'hex').toString('base64');

/** By the type's object identifier in pg_type. Everything that is not here stays the server's text: bigint and numeric, above all. */
const PARSERS = new Map<number, Parse>([
  [16, (text) => text === 't'],
  [17, bytes],
  [21, Number],
  [23, Number],
  [26, Number],
  [114, json],
  [700, float],
  [701, float],
  [1114, timestamp],
  [1184, timestamp],
  [3802, json],
]);

/** The type of an array's elements, by the array's type. */
const ELEMENTS = new Map<number, number>([
  [1000, 16],
  [1001, 17],
  [1003, 19],
  [1005, 21],
  [1007, 23],
  [1009, 25],
  [1014, 1042],
  [1015, 1043],
  [1016, 20],
  [1021, 700],
  [1022, 701],
  [1028, 26],
  [1115, 1114],
  [1182, 1082],
  [1185, 1184],
  [1231, 1700],
  [199, 114],
  [2951, 2950],
  [3807, 3802],
]);

const asText: Parse = (text) => text;

function parserOf(oid: number): Parse {
  const element = ELEMENTS.get(oid);
  if (element === undefined) return PARSERS.get(oid) ?? asText;
  const parse = parserOf(element);
  // Where an array does not begin at 1, its bounds come first: `[0:1]={1,2}`.
  return (text) => arrayOf(text.replace(/^[^{]*=(?=\{)/, ''), parse);
}

interface ArrayParser {
  create(text: string, parse: Parse): { parse(): unknown[] };
}

/** The types of `pg` describe an older form of its own parser of arrays. */
const arrayOf = (text: string, parse: Parse): unknown[] =>
  (pg.types.arrayParser as unknown as ArrayParser).create(text, parse).parse();

/** How values become JSON: without loss, and the same in every time zone. */
export const jsonTypes: pg.CustomTypesConfig = { getTypeParser: parserOf };
