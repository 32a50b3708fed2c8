import { useMemo } from 'react';
import type { StoreError } from '../client/index.js';
import { useQuery } from '../react/index.js';
import type { TrendData } from './trendChart.js';

/** The values of a metric over time, live. */
export interface MetricTrendState {
  readonly status: 'pending' | 'success' | 'error';
  readonly error: StoreError | null;
  readonly data: TrendData;
  /** "Score rose from 61 to 74 between 3 Mar 2025 and 2 Apr 2025"; empty without values. */
  readonly summary: string;
}

/** Which metric of which branch, and since when. */
export interface MetricTrendOf {
  readonly repoId: string;
  readonly branchName: string;
  readonly metricName: string;
  /** What the metric is called in sentences. */
  readonly label: string;
  /** RFC 3339: only what was recorded from then on. */
  readonly since?: string;
}

interface Point {
  readonly recorded_at: string;
  readonly metric_value: number;
}

/** The values of one metric of a branch over time, live, and what they say in one sentence. */
export function useMetricTrend(of: MetricTrendOf): MetricTrendState {
  const { repoId, branchName, metricName, label, since = '' } = of;
  const {
    status,
    data: points,
    error,
  } = useQuery<Point>(
    (sql) => sql`
      SELECT recorded_at, metric_value FROM historical_metrics
      WHERE repo_id = ${repoId} AND branch_name = ${branchName} AND metric_name = ${metricName}
        AND recorded_at >= ${since}
      ORDER BY recorded_at, id`,
  );
  const data = useMemo(
    () => ({
      times: (points ?? []).map(({ recorded_at }) => Date.parse(recorded_at)),
      values: (points ?? []).map(({ metric_value }) => metric_value),
    }),
    [points],
  );
  const summary = useMemo(() => summaryOf(label, data), [label, data]);
  return { status, error: error ?? null, data, summary };
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

export const metricDay = (ms: number): string => day.format(ms);
export const metricNumber = (value: number): string => number.format(value);

function summaryOf(label: string, { times, values }: TrendData): string {
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return '';
  if (values.length === 1)
    return `${label} was ${metricNumber(first)} on ${metricDay(times[0] ?? 0)}`;
  const [from, to] = [metricNumber(first), metricNumber(last)];
  const moved = last > first ? 'rose' : 'fell';
  const course = from === to ? `stayed at ${to}` : `${moved} from ${from} to ${to}`;
  const between = `between ${metricDay(times[0] ?? 0)} and ${metricDay(times.at(-1) ?? 0)}`;
  return `${label} ${course} ${between}`;
}
