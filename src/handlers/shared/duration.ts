export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Hours, minutes and seconds; ISO 8601 lets the smallest one have a fraction, here of at most three digits. */
const TIME =
  /^PT(?=\d)(?:(\d{1,6}(?:\.\d{1,3}(?=H$))?)H)?(?:(\d{1,6}(?:\.\d{1,3}(?=M$))?)M)?(?:(\d{1,7}(?:\.\d{1,3})?)S)?$/;

/** Milliseconds of an ISO 8601 duration in hours, minutes and seconds (`PT30S`, `PT1M30S`, `PT0.5S`); undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round(Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND);
}
