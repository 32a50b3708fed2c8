import { Component, type ReactNode } from 'react';
import { StoreError } from '../client/index.js';
import { failedLives } from './failedLives.js';

/** What to show instead of what failed. */
export interface StoreErrorBoundaryProps {
  /** Shown instead of the children. `retry` asks again what failed, then shows the children. */
  readonly fallback: (error: StoreError, retry: () => void) => ReactNode;
  readonly children?: ReactNode;
}

interface State {
  readonly caught: { readonly error: unknown } | null;
}

/** Catches the errors of the store that are thrown below it; every other error goes on upwards. */
export class StoreErrorBoundary extends Component<StoreErrorBoundaryProps, State> {
  /** @internal */
  override readonly state: State = { caught: null };

  /** @internal */
  static getDerivedStateFromError(error: unknown): State {
    return { caught: { error } };
  }

  readonly #retry = (): void => {
    const error = this.state.caught?.error;
    const live = error instanceof StoreError ? failedLives.get(error) : undefined;
    // Whether it answers now or fails again is what the children then find.
    const show = () => this.setState({ caught: null });
    if (live) live.preload().then(show, show);
    else show();
  };

  /** @internal */
  override render(): ReactNode {
    const { caught } = this.state;
    if (caught === null) return this.props.children;
    if (!(caught.error instanceof StoreError)) throw caught.error;
    return this.props.fallback(caught.error, this.#retry);
  }
}
