import { EmptyState } from '../parts/EmptyState.tsx';
import { Link } from '../parts/Link.tsx';

export function Nowhere() {
  return (
    <>
      <title>Not found · Twinstore</title>
      <h1 tabIndex={-1}>There is no such page</h1>
      <EmptyState title="This address leads nowhere">
        <p>
          <Link to="/">Go to the repositories</Link>
        </p>
      </EmptyState>
    </>
  );
}
