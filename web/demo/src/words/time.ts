const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'long' });
const full = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeStyle: 'short' });
const monthAndYear = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric' });

const minute = 60;
const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365.25 * 24 * 60 * minute],
  ['month', 30.44 * 24 * 60 * minute],
  ['week', 7 * 24 * 60 * minute],
  ['day', 24 * 60 * minute],
  ['hour', 60 * minute],
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

/** "5 s", "2 min", "3 h": for words that tick. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < minute) return `${seconds} s`;
  if (seconds < 60 * minute) return `${Math.floor(seconds / minute)} min`;
  return `${Math.floor(seconds / (60 * minute))} h`;
}

export const fullTime = (ms: number): string => full.format(ms);
export const monthOf = (ms: number): string => monthAndYear.format(ms);
