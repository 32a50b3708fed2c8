import type { ReactNode } from 'react';
import type { Store } from '../client/index.js';
import { StoreContext } from './storeContext.js';

/** The store that the hooks below use. */
export interface StoreProviderProps {
  /** From `createStore`, made once outside any component. The provider never closes it. */
  readonly store: Store;
  readonly children?: ReactNode;
}

/** Makes `store` the one that the hooks below it use. Providers nest; the nearest one counts. */
export function StoreProvider({ store, children }: StoreProviderProps): ReactNode {
  return <StoreContext value={store}>{children}</StoreContext>;
}
