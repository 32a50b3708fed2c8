import { useContext } from 'react';
import type { Store } from '../client/index.js';
import { StoreContext } from './storeContext.js';

/**
 * The store of the nearest `StoreProvider`.
 *
 * @throws Error when there is no provider above the component.
 */
export function useStore(): Store {
  const store = useContext(StoreContext);
  if (store === null) {
    throw new Error(
      'There is no store here: render this component inside <StoreProvider store={…}>.',
    );
  }
  return store;
}
