import type { ReactNode } from 'react';
import type { StoreError } from '../client/index.js';
import { Shape } from './Shape.js';

/** What could not be done, and what to do about it. */
export function Failure({ title, error }: { title: string; error: StoreError }): ReactNode {
  return (
    <p className="twin-failure" role="alert">
      <Shape name="wrong" />
      <span>
        <strong>{title}</strong> {error.hint || error.message}
      </span>
    </p>
  );
}
