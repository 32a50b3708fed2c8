import { type ReactNode, useEffect, useRef, useState } from 'react';

/** Rows that come and go together. */
const CHUNK_ROWS = 50;
/** How far outside the window a chunk is already there. */
const NEAR = '1200px 0px';

/**
 * A table's rows, of which only those near the window exist: five thousand scroll like fifty. Each
 * chunk keeps the height that it had, so that nothing jumps.
 */
export function ChunkedBody<R>(props: {
  rows: readonly R[];
  rowHeight: number;
  render: (row: R, index: number) => ReactNode;
}) {
  const { rows, rowHeight, render } = props;
  const starts = Array.from(
    { length: Math.ceil(rows.length / CHUNK_ROWS) },
    (_, at) => at * CHUNK_ROWS,
  );
  return starts.map((start) => (
    <Chunk key={start} isFirst={start === 0} height={chunkLength(rows, start) * rowHeight}>
      {() => rows.slice(start, start + CHUNK_ROWS).map((row, at) => render(row, start + at))}
    </Chunk>
  ));
}

const chunkLength = (rows: readonly unknown[], start: number) =>
  Math.min(CHUNK_ROWS, rows.length - start);

function Chunk(props: { isFirst: boolean; height: number; children: () => ReactNode }) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [isNear, setNear] = useState(props.isFirst);
  const [measured, setMeasured] = useState<number | null>(null);
  useEffect(() => {
    const element = body.current;
    if (element === null) return undefined;
    const watcher = new IntersectionObserver(
      ([entry]) => {
        if (entry === undefined) return;
        // Whoever works in a row keeps it, wherever the page is scrolled to.
        if (!entry.isIntersecting && element.contains(document.activeElement)) return;
        if (!entry.isIntersecting) setMeasured(entry.boundingClientRect.height);
        setNear(entry.isIntersecting);
      },
      { rootMargin: NEAR },
    );
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return (
    <tbody ref={body} style={isNear ? undefined : { height: measured ?? props.height }}>
      {isNear && props.children()}
    </tbody>
  );
}
