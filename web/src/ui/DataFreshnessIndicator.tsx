import type { ReactNode } from 'react';
import type { StoreError } from '../client/index.js';
import { type RefreshStatus, useDataFreshness } from '../react/index.js';
import { classes } from './classes.js';
import {
  freshnessLevel,
  freshnessSentence,
  levelWords,
  refreshInWords,
  type FreshnessLevel,
} from './freshnessWords.js';
import { RelativeTime } from './RelativeTime.js';
import { Shape, type ShapeName } from './Shape.js';

/** Which branch, and how large. */
export interface DataFreshnessIndicatorProps {
  readonly repoId: string;
  readonly branchName: string;
  /** One sign with its words hidden from the eye only: for lists. */
  readonly compact?: boolean;
  /** Hours after which an analysis is stale; 24 when absent. */
  readonly thresholdHours?: number;
  readonly className?: string;
}

/**
 * How fresh a branch's analysis is, why, and what is being done about it. It is no live region: a
 * list of fifty would talk without end.
 */
export function DataFreshnessIndicator(props: DataFreshnessIndicatorProps): ReactNode {
  const { repoId, branchName, compact, thresholdHours, className } = props;
  const options = thresholdHours === undefined ? undefined : { thresholdHours };
  const freshness = useDataFreshness(repoId, branchName, options);
  const { stalenessInfo: info, refreshStatus, loading } = freshness;
  const level = freshnessLevel(info);
  if (compact) {
    const sentence = loading ? 'Looking at the analysis' : freshnessSentence(info);
    return (
      <span
        className={classes('twin-freshness-mark', className)}
        data-state={level}
        data-loading={loading || undefined}
        title={sentence}
      >
        <Shape name={shapeOf[level]} />
        <span className="twin-hidden">
          {levelWords[level]}: {sentence}
        </span>
      </span>
    );
  }
  const isUnderWay = refreshStatus.phase === 'running' || isWaiting(refreshStatus);
  return (
    <section
      className={classes('twin-freshness', className)}
      data-state={level}
      data-loading={loading || undefined}
      aria-label={`Freshness of ${branchName}`}
    >
      <p className="twin-freshness-level">
        <Shape name={shapeOf[level]} />
        <strong>{loading ? 'Looking…' : levelWords[level]}</strong>
      </p>
      <p className="twin-freshness-reason">{loading ? ' ' : freshnessSentence(info)}</p>
      <p className="twin-freshness-facts">
        {!loading && info !== null && <Analysed info={info} />}
      </p>
      <RefreshLine status={refreshStatus} />
      <div className="twin-actions">
        <button
          type="button"
          className="twin-button"
          data-kind="main"
          disabled={loading || isUnderWay}
          onClick={() => void freshness.triggerAnalysis()}
        >
          Analyse now
        </button>
        <button
          type="button"
          className="twin-button"
          disabled={loading || info?.reasons.includes('refresh_requested')}
          onClick={() => void freshness.markForRefresh()}
        >
          Mark as stale
        </button>
        <button
          type="button"
          className="twin-button"
          disabled={loading}
          onClick={() => void freshness.checkStaleness()}
        >
          Check again
        </button>
      </div>
    </section>
  );
}

const shapeOf: Readonly<Record<FreshnessLevel, ShapeName>> = {
  fresh: 'check',
  aging: 'clock',
  stale: 'stale',
  unknown: 'unknown',
};

const isWaiting = ({ phase }: RefreshStatus) => phase === 'queued' || phase === 'queued-offline';

function Analysed(props: {
  info: { last_analyzed_at: string | null; last_analyzed_commit: string | null };
}): ReactNode {
  const { last_analyzed_at: at, last_analyzed_commit: commit } = props.info;
  if (at === null) return 'There is no analysis yet.';
  return (
    <>
      Analysed <RelativeTime time={at} />
      {commit !== null && (
        <>
          {' at '}
          <code title={commit}>{commit.slice(0, 7)}</code>
        </>
      )}
    </>
  );
}

function RefreshLine({ status }: { status: RefreshStatus }): ReactNode {
  if (status.error !== null) {
    return (
      <p className="twin-freshness-refresh" data-tone="wrong" role="alert">
        <Shape name="wrong" />
        <span>{errorWords(status.error)}</span>
      </p>
    );
  }
  const words = refreshInWords(status);
  if (words === '') return null;
  const look = lookOf[status.phase];
  return (
    <p className="twin-freshness-refresh" data-tone={look.tone}>
      <Shape name={look.shape} />
      <span>
        {words}
        {status.since !== null && (
          <>
            , <RelativeTime time={status.since} />
          </>
        )}
      </span>
    </p>
  );
}

function errorWords({ code, message, hint }: StoreError): string {
  if (code === 'NOT_FOUND') return 'This branch is not on this device.';
  return `${message}. ${hint}`;
}

const lookOf: Readonly<Record<RefreshStatus['phase'], { tone: string; shape: ShapeName }>> = {
  idle: { tone: 'plain', shape: 'unknown' },
  queued: { tone: 'busy', shape: 'clock' },
  'queued-offline': { tone: 'away', shape: 'away' },
  running: { tone: 'busy', shape: 'busy' },
  done: { tone: 'good', shape: 'check' },
  failed: { tone: 'wrong', shape: 'wrong' },
  cancelled: { tone: 'plain', shape: 'cross' },
};
