import { act } from '@testing-library/react';
import { vi } from 'vitest';

/** Below the runner's own bound, so that what failed is said; it is for runs that hang. */
const timeout = 100_000;

/** Waits until `check` does not throw, with everything rendered that is due. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(
    async () => {
      await act(async () => undefined);
      check();
    },
    { timeout, interval: 10 },
  );
}
