import type { ReactNode } from 'react';

// Each state has a shape of its own, so that colour is never the only sign (WCAG 1.4.1).
const shapes = {
  check: 'M3.5 8.5 6.5 11.5 12.5 5',
  clock: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.2l2.2 1.4',
  stale: 'M8 2.2 14 8 8 13.8 2 8ZM8 5.6v3M8 10.6h.01',
  unknown: 'M6 6.2a2 2 0 1 1 2.8 1.9c-.6.3-.8.7-.8 1.3M8 11.8h.01',
  busy: 'M8 2.5a5.5 5.5 0 1 1-5.5 5.5',
  away: 'M3 3 13 13M8 3.2a8 8 0 0 1 5 2M3 5.2A8 8 0 0 1 4.6 4M5.4 8.4a4.4 4.4 0 0 1 2-1.1M8 12h.01',
  wrong: 'M8 2.5 14.2 13H1.8ZM8 6.6v3M8 11.4h.01',
  conflict:
    'M2.5 4h4.2c2 0 2.6 8 4.6 8H13.5M2.5 12h4.2c.8 0 1.4-1.2 1.8-2.6M11 4h2.5M11.8 2.3 13.5 4l-1.7 1.7M11.8 10.3l1.7 1.7-1.7 1.7',
  device: 'M2.5 3.5h11v7.4h-11ZM5.5 13.3h5',
  cross: 'M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5',
} as const;

export type ShapeName = keyof typeof shapes;

/** A sign beside words that say the same. */
export function Shape({ name }: { name: ShapeName }): ReactNode {
  return (
    <svg className="twin-shape" data-shape={name} viewBox="0 0 16 16" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}
