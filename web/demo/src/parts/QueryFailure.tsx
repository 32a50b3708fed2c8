import type { StoreError } from 'twinstore';
import { ErrorDetails } from './ErrorDetails.tsx';

export function QueryFailure({ error }: { error: StoreError }) {
  return (
    <div className="notice" data-tone="wrong" role="alert">
      <p>
        <strong>These rows could not be read.</strong> {error.hint}
      </p>
      <ErrorDetails error={error} />
    </div>
  );
}
