/** Zones with their clock changes. Local times are of the wall clock; the rest are instants. */

/**
 * Spring: `local` never shows on the clock. `end` is the instant at which the gap ends, `shifted` is `local` moved
 * forward by the gap's length.
 */
export const gaps = [
  { zone: 'Europe/Lisbon', local: '2026-03-29T01:30', end: '2026-03-29T01:00Z', shifted: '2026-03-29T01:30Z' },
  { zone: 'America/New_York', local: '2026-03-08T02:30', end: '2026-03-08T07:00Z', shifted: '2026-03-08T07:30Z' },
  // Half an hour.
  { zone: 'Australia/Lord_Howe', local: '2026-10-04T02:10', end: '2026-10-03T15:30Z', shifted: '2026-10-03T15:40Z' },
  // The gap is the last hour of a day and ends at midnight.
  { zone: 'America/Nuuk', local: '2026-03-28T23:30', end: '2026-03-29T01:00Z', shifted: '2026-03-29T01:30Z' },
  // The same, once, for half an hour: a change of the zone's standard time.
  { zone: 'Asia/Pyongyang', local: '2018-05-04T23:45', end: '2018-05-04T15:00Z', shifted: '2018-05-04T15:15Z' },
  // The gap begins at midnight.
  { zone: 'America/Sao_Paulo', local: '2018-11-04T00:30', end: '2018-11-04T03:00Z', shifted: '2018-11-04T03:30Z' },
  { zone: 'America/Santiago', local: '2026-09-06T00:30', end: '2026-09-06T04:00Z', shifted: '2026-09-06T04:30Z' },
  { zone: 'Africa/Cairo', local: '2026-04-24T00:30', end: '2026-04-23T22:00Z', shifted: '2026-04-23T22:30Z' },
  { zone: 'Asia/Tehran', local: '2022-03-22T00:30', end: '2022-03-21T20:30Z', shifted: '2022-03-21T21:00Z' },
  // A quarter of an hour, once.
  { zone: 'Asia/Kathmandu', local: '1986-01-01T00:10', end: '1985-12-31T18:30Z', shifted: '1985-12-31T18:40Z' },
  // A whole day.
  { zone: 'Pacific/Apia', local: '2011-12-30T09:00', end: '2011-12-30T10:00Z', shifted: '2011-12-30T19:00Z' },
  // The end of Ramadan.
  { zone: 'Africa/Casablanca', local: '2026-03-22T02:30', end: '2026-03-22T02:00Z', shifted: '2026-03-22T02:30Z' },
  { zone: 'Pacific/Auckland', local: '2026-09-27T02:30', end: '2026-09-26T14:00Z', shifted: '2026-09-26T14:30Z' },
  // A change in the middle of an hour, by an hour.
  { zone: 'Pacific/Chatham', local: '2026-09-27T03:00', end: '2026-09-26T14:00Z', shifted: '2026-09-26T14:15Z' },
  // Two hours.
  { zone: 'Antarctica/Troll', local: '2026-03-29T02:00', end: '2026-03-29T01:00Z', shifted: '2026-03-29T02:00Z' },
] as const;

/** Autumn: `local` shows twice. */
export const overlaps = [
  { zone: 'Europe/Lisbon', local: '2026-10-25T01:30', first: '2026-10-25T00:30Z', second: '2026-10-25T01:30Z' },
  { zone: 'America/New_York', local: '2026-11-01T01:30', first: '2026-11-01T05:30Z', second: '2026-11-01T06:30Z' },
  { zone: 'Australia/Lord_Howe', local: '2026-04-05T01:45', first: '2026-04-04T14:45Z', second: '2026-04-04T15:15Z' },
  { zone: 'America/Nuuk', local: '2026-10-24T23:30', first: '2026-10-25T00:30Z', second: '2026-10-25T01:30Z' },
  { zone: 'America/Sao_Paulo', local: '2018-02-17T23:30', first: '2018-02-18T01:30Z', second: '2018-02-18T02:30Z' },
  { zone: 'America/Santiago', local: '2026-04-04T23:30', first: '2026-04-05T02:30Z', second: '2026-04-05T03:30Z' },
  { zone: 'America/Caracas', local: '2007-12-09T02:45', first: '2007-12-09T06:45Z', second: '2007-12-09T07:15Z' },
  { zone: 'Africa/Cairo', local: '2026-10-29T23:30', first: '2026-10-29T20:30Z', second: '2026-10-29T21:30Z' },
  { zone: 'Asia/Tehran', local: '2022-09-21T23:30', first: '2022-09-21T19:00Z', second: '2022-09-21T20:00Z' },
  { zone: 'Africa/Casablanca', local: '2026-02-15T02:30', first: '2026-02-15T01:30Z', second: '2026-02-15T02:30Z' },
  { zone: 'Pacific/Auckland', local: '2026-04-05T02:30', first: '2026-04-04T13:30Z', second: '2026-04-04T14:30Z' },
  { zone: 'Pacific/Chatham', local: '2026-04-05T03:00', first: '2026-04-04T13:15Z', second: '2026-04-04T14:15Z' },
  { zone: 'Antarctica/Troll', local: '2026-10-25T02:00', first: '2026-10-25T00:00Z', second: '2026-10-25T02:00Z' },
] as const;

/** The instants around which random tests look for trouble. */
export const changes: readonly { zone: string; instant: string }[] = [
  ...gaps.map(({ zone, end }) => ({ zone, instant: end })),
  ...overlaps.map(({ zone, second }) => ({ zone, instant: second })),
];
