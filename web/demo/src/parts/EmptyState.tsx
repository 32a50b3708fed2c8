import type { ReactNode } from 'react';

/** What to do next, where there is nothing to show. */
export function EmptyState({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="empty">
      <svg className="empty-mark" viewBox="0 0 48 48" aria-hidden="true">
        <rect x="5" y="5" width="26" height="26" rx="7" />
        <rect x="17" y="17" width="26" height="26" rx="7" />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
