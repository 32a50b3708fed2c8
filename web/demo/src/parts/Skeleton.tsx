/** Lines where rows will be. It appears after 150 ms only (styles/parts.css). */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike and never move
        <div className="skeleton-row" key={at} />
      ))}
    </div>
  );
}
