import { expect, test } from 'vitest';
import { workerLimits } from '../../src/client/limits.js';
import { retryDelayMs } from '../../src/worker/backoff.js';
import { seededRandom } from '../random.js';

test('the bound doubles with each failure up to the longest wait', () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) => retryDelayMs(failures, () => 1));
  expect(bounds).toStrictEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

test('after any number of failures the wait is finite', () => {
  expect(retryDelayMs(1e9, () => 1)).toBe(workerLimits.retryMaxMs);
});

test('a wait is drawn from all of 0 to its bound, so that clients do not come back at once', () => {
  const random = seededRandom(7);
  const delays = Array.from({ length: 1000 }, () => retryDelayMs(4, random));
  for (const quarter of [0, 1, 2, 3]) {
    const drawn = delays.filter((ms) => ms >= quarter * 2000 && ms < (quarter + 1) * 2000);
    expect(drawn.length).toBeGreaterThan(200);
  }
  expect(retryDelayMs(4, () => 0)).toBe(0);
});
