import { workerLimits } from '../client/limits.js';

/**
 * Full jitter: anywhere from 0 to a bound that doubles with each failure, so that clients whose
 * server came back do not all knock at once. `failures` begins at 1.
 * aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter
 */
export function retryDelayMs(failures: number, random: () => number): number {
  const bound = Math.min(
    workerLimits.retryMaxMs,
    workerLimits.retryFirstMs * 2 ** Math.min(failures - 1, 30),
  );
  return Math.round(random() * bound);
}
