const HOUR_S = 3_600;
const MINUTE_S = 60;

const TIME = /^PT(?=\d)(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?$/;

/** Seconds of an ISO 8601 duration in whole hours, minutes and seconds (`PT30S`, `PT1H30M`); undefined for any other text. */
export function durationSeconds(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(hours) * HOUR_S + Number(minutes) * MINUTE_S + Number(seconds);
}
