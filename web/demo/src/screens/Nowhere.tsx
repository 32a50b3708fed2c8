import { EmptyState } from '../parts/EmptyState.tsx';
import { Link } from '../parts/Link.tsx';
import { ScreenHead } from '../parts/ScreenHead.tsx';

export function Nowhere() {
  return (
    <>
      <ScreenHead title="There is no such page" page="Not found" />
      <EmptyState title="This address leads nowhere">
        <p>
          <Link to="/">Go to the repositories</Link>
        </p>
      </EmptyState>
    </>
  );
}
