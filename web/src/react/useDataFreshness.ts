import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { FreshnessOptions, Row, StalenessInfo, StoreError } from '../client/index.js';
import { useQuery } from './useQuery.js';
import { useStore } from './useStore.js';
import { useSyncStatus } from './useSyncStatus.js';

/**
 * How the newest refresh of a branch stands. `queued-offline`: it is saved on this device and goes
 * to the server when there is a connection.
 */
export interface RefreshStatus {
  readonly phase:
    | 'idle'
    | 'queued'
    | 'queued-offline'
    | 'running'
    | 'done'
    | 'failed'
    | 'cancelled';
  readonly taskId: string | null;
  /** RFC 3339; when the phase began, as far as it is known. */
  readonly since: string | null;
  /** Why the refresh failed, as its server says it. */
  readonly reason: string | null;
  /** What this hook, or the action that was called last, met. */
  readonly error: StoreError | null;
}

/** How fresh a branch's analysis is, and the three things to do about it. */
export interface DataFreshness {
  /** Null until it is known, and for a branch that is not here. */
  readonly stalenessInfo: StalenessInfo | null;
  readonly refreshStatus: RefreshStatus;
  /** Only before the first answer. */
  readonly loading: boolean;
  /** Asks again now. The four functions stay the same from render to render. */
  readonly checkStaleness: () => Promise<void>;
  /** Marks the branch as stale for everybody. Offline it waits on this device. */
  readonly markForRefresh: () => Promise<void>;
  /** Asks for a refresh as soon as possible. Offline it waits on this device. */
  readonly triggerAnalysis: () => Promise<void>;
}

/** setTimeout's bound: a longer wait would end at once. */
const timerMsMax = 2 ** 31 - 1;

/**
 * How fresh the analysis of a branch is, and what is done about it: by the predicate that the
 * server uses, from the rows of this device, so it works offline. It is asked again when a row that
 * it depends on changes, and at the moment at which it changes by itself.
 *
 * No error is thrown: `refreshStatus.error` holds it.
 */
export function useDataFreshness(
  repoId: string,
  branchName: string,
  options?: FreshnessOptions,
): DataFreshness {
  const { freshness } = useStore();
  const thresholdHours = options?.thresholdHours;
  const [answer, setAnswer] = useState<Answer>(unanswered);
  const [failure, setFailure] = useState<StoreError | null>(null);
  const asked = useRef(0);

  const check = useCallback(async () => {
    asked.current += 1;
    const turn = asked.current;
    const of = { repoId, branchName };
    const settle = (next: Answer) => {
      // An earlier question that is answered late says nothing any more.
      if (turn === asked.current) setAnswer(next);
    };
    await freshness
      .staleness(repoId, branchName, thresholdHours === undefined ? {} : { thresholdHours })
      .then(
        (info) => settle({ ...of, info, error: null }),
        (error: StoreError) => settle({ ...of, info: null, error }),
      );
  }, [freshness, repoId, branchName, thresholdHours]);

  const inputs = useQuery<Inputs>(
    (sql) => sql`
      SELECT commit_sha, last_analyzed_at, refresh_requested_at,
        (SELECT max(analysis_timestamp || commit_sha) FROM analyses
          WHERE repo_id = ${repoId} AND branch_name = ${branchName}) AS analysis
      FROM branches WHERE repo_id = ${repoId} AND name = ${branchName}`,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: new rows are the reason to ask again
  useEffect(() => {
    if (inputs.status !== 'pending') void check();
  }, [check, inputs.data, inputs.status]);
  useTimer(answer.info?.next_change_at, check);

  const task = useNewestTask(repoId, branchName);
  const isConnected = useSyncStatus((status) => status.online && status.state !== 'paused');
  const act = useCallback(async (action: Promise<unknown>) => {
    await action.then(
      () => setFailure(null),
      (error: StoreError) => setFailure(error),
    );
  }, []);
  const markForRefresh = useCallback(
    () => act(freshness.markForRefresh(repoId, [branchName])),
    [act, freshness, repoId, branchName],
  );
  const triggerAnalysis = useCallback(
    () => act(freshness.scheduleRefresh(repoId, [branchName])),
    [act, freshness, repoId, branchName],
  );

  const isOfBranch = answer.repoId === repoId && answer.branchName === branchName;
  const stalenessInfo = isOfBranch ? answer.info : null;
  const error = failure ?? task.error ?? inputs.error ?? (isOfBranch ? answer.error : null);
  const refreshStatus = useMemo(
    () => ({ ...statusOf(task.row, isConnected), error: error ?? null }),
    [task.row, isConnected, error],
  );
  return useMemo(
    () => ({
      stalenessInfo,
      refreshStatus,
      loading: !isOfBranch && inputs.status !== 'error',
      checkStaleness: check,
      markForRefresh,
      triggerAnalysis,
    }),
    [
      stalenessInfo,
      refreshStatus,
      isOfBranch,
      inputs.status,
      check,
      markForRefresh,
      triggerAnalysis,
    ],
  );
}

interface Inputs {
  readonly commit_sha: string | null;
}

interface Answer {
  readonly repoId: string | null;
  readonly branchName: string | null;
  readonly info: StalenessInfo | null;
  readonly error: StoreError | null;
}

const unanswered: Answer = { repoId: null, branchName: null, info: null, error: null };

type Task = Row<'_refresh_tasks'>;

function useNewestTask(repoId: string, branchName: string) {
  const { data, error } = useQuery<Task>(
    (sql) => sql`
      SELECT * FROM _refresh_tasks WHERE repo_id = ${repoId} AND branch_name = ${branchName}
      ORDER BY requested_at DESC, id DESC LIMIT 1`,
  );
  return { row: data?.[0], error };
}

function statusOf(task: Task | undefined, isConnected: boolean): Omit<RefreshStatus, 'error'> {
  if (task === undefined) return { phase: 'idle', taskId: null, since: null, reason: null };
  const common = { taskId: task.id, reason: task.last_error };
  switch (task.state) {
    case 'running':
      return { ...common, phase: 'running', since: task.started_at };
    case 'done':
    case 'failed':
    case 'cancelled':
      return { ...common, phase: task.state, since: task.finished_at ?? task.requested_at };
    default:
      return {
        ...common,
        phase: isConnected ? 'queued' : 'queued-offline',
        since: task.requested_at,
      };
  }
}

/** Calls `action` at `time`, or at once when that is past; never for null. */
function useTimer(time: string | null | undefined, action: () => Promise<void>): void {
  useEffect(() => {
    if (!time) return undefined;
    const waitMs = Math.min(Math.max(0, Date.parse(time) - Date.now() + 1), timerMsMax);
    const timer = setTimeout(() => void action(), waitMs);
    return () => clearTimeout(timer);
  }, [time, action]);
}
