export interface Point {
  readonly at: number;
  readonly value: number;
}

const monthAndYear = new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric' });
const monthOf = (ms: number): string => monthAndYear.format(ms);

const WIDTH = 120;
const HEIGHT = 28;
const MARGIN = 3;

/** A trend, as small as a word. Its label says what the line shows. */
export function Sparkline({ points, of }: { points: readonly Point[]; of: string }) {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) {
    return <span className="sparkline-none">no history</span>;
  }
  const place = placer(points, first.at, last.at);
  const line = points.map((point) => place(point).join(' ')).join('L');
  const [x, y] = place(last);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={describe(of, first, last)}
    >
      <path className="sparkline-area" d={`M${line}L${x} ${HEIGHT}L${MARGIN} ${HEIGHT}Z`} />
      <path className="sparkline-line" d={`M${line}`} />
      <circle className="sparkline-end" cx={x} cy={y} r="2.4" />
    </svg>
  );
}

function placer(points: readonly Point[], start: number, end: number) {
  const values = points.map((point) => point.value);
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const time = end - start || 1;
  return ({ at, value }: Point): [number, number] => [
    round(MARGIN + ((at - start) / time) * (WIDTH - 2 * MARGIN)),
    round(HEIGHT - MARGIN - ((value - low) / span) * (HEIGHT - 2 * MARGIN)),
  ];
}

const round = (value: number) => Math.round(value * 10) / 10;

function describe(of: string, first: Point, last: Point): string {
  const from = Math.round(first.value);
  const to = Math.round(last.value);
  const moved = to > from ? 'rose' : to < from ? 'fell' : 'stayed';
  const values = from === to ? `at ${to}` : `from ${from} to ${to}`;
  return `${of} ${moved} ${values} between ${monthOf(first.at)} and ${monthOf(last.at)}`;
}
