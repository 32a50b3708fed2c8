import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { classes } from './classes.js';
import { Failure } from './Failure.js';
import type { TrendChart, TrendData } from './trendChart.js';
import { metricDay, metricNumber, type MetricTrendOf, useMetricTrend } from './useMetricTrend.js';

/** Which metric of which branch, and what it is called. */
export interface MetricTrendProps extends MetricTrendOf {
  readonly className?: string;
}

/** Rows of the table below the chart; older values are in the chart only. */
const tableRowsMax = 30;

/**
 * A metric over time. The chart is one image with a sentence for whoever does not see it; arrow
 * keys walk along its points, and the values are a table as well.
 */
export function MetricTrend({ className, ...of }: MetricTrendProps): ReactNode {
  const { status, error, data, summary } = useMetricTrend(of);
  const [at, setAt] = useState<number | null>(null);
  const count = data.values.length;
  return (
    <figure className={classes('twin-trend', className)} aria-label={`${of.label} over time`}>
      {status === 'error' && error !== null && (
        <Failure title="The values could not be read." error={error} />
      )}
      {status === 'success' && count === 0 && (
        <p className="twin-empty">No values of {of.label} are recorded for this branch.</p>
      )}
      {status === 'pending' && <div className="twin-trend-space" data-pending aria-hidden="true" />}
      {count > 0 && (
        <>
          {count > 1 && <Chart data={data} summary={summary} at={at} onPoint={setAt} />}
          <figcaption className="twin-trend-words">
            <span>{summary}.</span>
            <output className="twin-trend-point">
              {at !== null && data.values[at] !== undefined && pointWords(data, at)}
            </output>
          </figcaption>
          <details className="twin-trend-values">
            <summary>Values as a table</summary>
            <Values data={data} label={of.label} />
          </details>
        </>
      )}
    </figure>
  );
}

function pointWords({ times, values }: TrendData, at: number): string {
  return `${metricDay(times[at] ?? 0)}: ${metricNumber(values[at] ?? 0)}`;
}

function Chart(props: {
  data: TrendData;
  summary: string;
  at: number | null;
  onPoint: (at: number | null) => void;
}): ReactNode {
  const { data, summary, at, onPoint } = props;
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<TrendChart | null>(null);
  const [isMissing, setMissing] = useState(false);
  const latest = useRef(data);
  useEffect(() => {
    latest.current = data;
    chart.current?.update(data);
  }, [data]);
  useEffect(() => {
    let isWanted = true;
    import('./trendChart.js').then(
      ({ drawTrend }) => {
        if (!isWanted || host.current === null) return;
        chart.current = drawTrend(host.current, latest.current, onPoint);
      },
      () => isWanted && setMissing(true),
    );
    return () => {
      isWanted = false;
      chart.current?.destroy();
      chart.current = null;
    };
  }, [onPoint]);
  const last = data.values.length - 1;
  const move = (event: KeyboardEvent) => {
    const to = nextPoint(event.key, at, last);
    if (to === undefined) return;
    event.preventDefault();
    onPoint(to);
    chart.current?.point(to);
  };
  if (isMissing) return <p className="twin-empty">The chart could not be loaded.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk along the points
    <div className="twin-trend-space" role="img" aria-label={summary} tabIndex={0} onKeyDown={move}>
      <div ref={host} className="twin-trend-chart" />
    </div>
  );
}

/** Where a key leads; undefined for keys that mean nothing here. */
function nextPoint(key: string, at: number | null, last: number): number | null | undefined {
  switch (key) {
    case 'ArrowLeft':
      return at === null ? last : Math.max(0, at - 1);
    case 'ArrowRight':
      return at === null ? 0 : Math.min(last, at + 1);
    case 'Home':
      return 0;
    case 'End':
      return last;
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}

function Values({ data, label }: { data: TrendData; label: string }): ReactNode {
  const from = Math.max(0, data.values.length - tableRowsMax);
  const rows = data.values.map((value, at) => [data.times[at] ?? 0, value] as const).slice(from);
  return (
    <table className="twin-values">
      <caption>
        {from > 0
          ? `The newest ${rows.length} of ${data.values.length} values`
          : `All ${rows.length} values`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">{label}</th>
        </tr>
      </thead>
      <tbody>
        {rows.toReversed().map(([time, value], at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows hold no state, and times may repeat
          <tr key={at}>
            <td>{metricDay(time)}</td>
            <td>{metricNumber(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
