import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import type { Store } from '../client/index.js';
import { useStore } from '../react/index.js';
import { ShadowRoot } from './ShadowRoot.js';
import { keepSyncLog } from './syncLog.js';

/** Where the panel begins, and who makes another device. */
export interface StoreDevtoolsProps {
  /** Open at first; closed when absent. */
  readonly initialOpen?: boolean;
  /** Where the page opens it by itself: there is no button of its own then. */
  readonly open?: boolean;
  /** It was closed by its own button, or by Escape. */
  readonly onClose?: () => void;
  /**
   * Another device of the same user, in memory, for conflicts that are made on purpose. When absent
   * it is a store with the same schema and server; needed where `createStore` was given a `worker`
   * or a way to get tokens.
   */
  readonly otherDevice?: () => Store | Promise<Store>;
}

const Panel = lazy(() => import('./panel/Panel.js'));

/**
 * Developers' tools for the store around it: tables, SQL, live queries and their cost, what waits to
 * be sent, the log of the exchange, conflicts and storage. The panel is a chunk of its own, loaded
 * when it is opened; it has a shadow root, so that neither style sheet meets the other.
 */
export function StoreDevtools(props: StoreDevtoolsProps): ReactNode {
  const { initialOpen = false, open, onClose, otherDevice } = props;
  const store = useStore();
  const [isOpen, setOpen] = useState(initialOpen);
  const [isInPage, setInPage] = useState(false);
  useEffect(() => {
    keepSyncLog(store);
    setInPage(true);
  }, [store]);
  // A server renders nothing of it, and neither does the first render in the page.
  if (!isInPage) return null;
  const close = () => {
    setOpen(false);
    onClose?.();
  };
  const isShown = open ?? isOpen;
  return (
    <ShadowRoot>
      {!isShown && open === undefined && (
        <button type="button" className="opener" onClick={() => setOpen(true)}>
          Twinstore devtools
        </button>
      )}
      {isShown && (
        <Suspense fallback={null}>
          <Panel onClose={close} {...(otherDevice === undefined ? {} : { otherDevice })} />
        </Suspense>
      )}
    </ShadowRoot>
  );
}
