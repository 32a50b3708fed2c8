import type { ReactNode } from 'react';

/** The top of a screen: its name, one line about it, and what stands beside them. */
export function ScreenHead(props: {
  title: string;
  page?: string;
  sum?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <>
      <title>{`${props.page ?? props.title} · Twinstore`}</title>
      <div className="screen-head">
        <div>
          <h1 tabIndex={-1}>{props.title}</h1>
          {props.sum !== undefined && <p className="screen-sum">{props.sum}</p>}
        </div>
        {props.children}
      </div>
    </>
  );
}
