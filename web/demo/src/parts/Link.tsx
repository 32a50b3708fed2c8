import type { MouseEvent, ReactNode } from 'react';
import { goTo } from '../router.ts';

/** A link within the app: a real one, so that it opens in a new tab and can be copied. */
export function Link(props: {
  to: string;
  className?: string;
  /** Where a narrow screen has no room for the words. */
  label?: string;
  isCurrent?: boolean;
  children: ReactNode;
}) {
  const follow = (event: MouseEvent) => {
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
    if (!isPlain || event.altKey) return;
    event.preventDefault();
    goTo(props.to);
  };
  return (
    <a
      href={props.to}
      className={props.className}
      aria-label={props.label}
      aria-current={props.isCurrent ? 'page' : undefined}
      onClick={follow}
    >
      {props.children}
    </a>
  );
}
