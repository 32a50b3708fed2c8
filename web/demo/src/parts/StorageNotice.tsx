import { useStoreInfo } from 'twinstore/ui';
import { ErrorDetails } from './ErrorDetails.tsx';

/** Said aloud only when data may be lost, or when there is no store at all. */
export function StorageNotice() {
  const { info, error } = useStoreInfo();
  if (error !== null) {
    return (
      <div className="notice" data-tone="wrong" role="alert">
        <p>
          <strong>The store could not be opened.</strong> {error.hint}
        </p>
        <ErrorDetails error={error} />
        <button type="button" className="button" onClick={() => location.reload()}>
          Try again
        </button>
      </div>
    );
  }
  if (info?.durability !== 'memory') return null;
  return (
    <div className="notice" data-tone="away" role="alert">
      <p>
        <strong>Nothing is kept on this device.</strong> This window gives no private storage (is it
        a private one?), so changes that are not uploaded are lost when it closes.
      </p>
    </div>
  );
}
