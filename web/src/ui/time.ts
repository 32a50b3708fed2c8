/** Times in words, in the reader's language order but English words: "3 days ago", "in 2 hours". */
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });
const full = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' });

const minute = 60;
const hour = 60 * minute;
const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365.25 * 24 * hour],
  ['month', 30.44 * 24 * hour],
  ['week', 7 * 24 * hour],
  ['day', 24 * hour],
  ['hour', hour],
  ['minute', minute],
];

/** "3 days ago", "in 2 hours", and "just now" below a minute. */
export function relativeTime(thenMs: number, nowMs: number): string {
  const seconds = (thenMs - nowMs) / 1000;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return 'just now';
}

/** "5 s", "2 min", "3 h", "4 d": for words that tick. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < 48 * hour) return `${Math.floor(seconds / hour)} h`;
  return `${Math.floor(seconds / (24 * hour))} d`;
}

/** "21 hours", "3 days": a length of time as a sentence holds it. */
export function hoursInWords(hours: number): string {
  if (hours < 1) return 'less than an hour';
  const [count, unit] = hours < 48 ? [Math.floor(hours), 'hour'] : [Math.floor(hours / 24), 'day'];
  return `${count.toLocaleString('en')} ${unit}${count === 1 ? '' : 's'}`;
}

export const fullTime = (ms: number): string => full.format(ms);
