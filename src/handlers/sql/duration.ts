const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;

/** Hours, minutes and seconds; ISO 8601 lets the smallest one have a fraction, here of the seconds alone. */
const TIME = /^PT(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,3})?)S)?$/;

/** Milliseconds of an ISO 8601 duration in hours, minutes and seconds (`PT30S`, `PT1M30S`, `PT0.5S`); undefined for any other text. */
export function durationMs(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Math.round(Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Number(seconds) * SECOND_MS);
}
