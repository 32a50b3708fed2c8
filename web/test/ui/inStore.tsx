// What the tests of components share: a store of the testing kit, and rendering within it.
import { configure, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { onTestFinished } from 'vitest';
import { StoreProvider } from 'twinstore/react';
import { createTestStore, type TestStore, type TestStoreOptions } from 'twinstore/testing';

// Below the runner's own bound, so that what failed is said; it is for runs that hang.
configure({ asyncUtilTimeout: 100_000 });

export async function newStore(options: TestStoreOptions = {}): Promise<TestStore> {
  const store = await createTestStore(options);
  onTestFinished(() => store.close());
  return store;
}

export async function newPeer(store: TestStore): Promise<TestStore> {
  const peer = await store.peer();
  onTestFinished(() => peer.close());
  return peer;
}

export function renderIn(store: TestStore, children: ReactNode) {
  return render(<StoreProvider store={store}>{children}</StoreProvider>);
}
