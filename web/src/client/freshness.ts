import type { Call } from '../worker/messages.js';
import type { Edit } from './edits.js';
import { newId } from './newId.js';

/** Why a branch is stale; docs/freshness.md says when each holds. */
export type StaleReason = 'never_analyzed' | 'refresh_requested' | 'head_moved' | 'too_old';

/** How fresh a branch's analysis is, by the predicate that the server uses (docs/freshness.md). */
export interface StalenessInfo {
  readonly is_stale: boolean;
  /** Null: never analysed. */
  readonly age_hours: number | null;
  readonly stale_threshold_hours: number;
  /** RFC 3339. */
  readonly last_analyzed_at: string | null;
  readonly last_analyzed_commit: string | null;
  /** Empty when it is fresh. */
  readonly reasons: readonly StaleReason[];
  /** When, if nothing is written until then, this answer has another reason. */
  readonly next_change_at: string | null;
}

/** The stale branches of one repository, and when that answer changes by itself. */
export interface StaleBranches {
  readonly checked_at: string;
  readonly stale_threshold_hours: number;
  /** When, if nothing is written until then, another branch becomes stale. */
  readonly next_change_at: string | null;
  /** By name. */
  readonly branches: readonly (StalenessInfo & { readonly branch_name: string })[];
}

/** How old an analysis may be. */
export interface FreshnessOptions {
  /** 0 to 876,000; 24 when absent. */
  readonly thresholdHours?: number;
}

/**
 * The age of analyses, and asking for new ones; everything works offline. Tasks are rows of
 * `_refresh_tasks`: watch those of a branch to see a refresh go on.
 */
export interface Freshness {
  /** @throws {StoreError} `NOT_FOUND` for a branch that is not here, `INVALID_ARGUMENT` */
  staleness(repoId: string, branchName: string, options?: FreshnessOptions): Promise<StalenessInfo>;
  /** @throws {StoreError} `INVALID_ARGUMENT` */
  staleBranches(repoId: string, options?: FreshnessOptions): Promise<StaleBranches>;
  /** In one transaction. @throws {StoreError} `ROW_MISSING` for a branch that is not here */
  markForRefresh(repoId: string, branchNames: readonly string[]): Promise<void>;
  /**
   * Queues a task for each branch, in one transaction. Returns their names, in the order of the
   * branches. @throws {StoreError} `INVALID_ARGUMENT` for a delay beyond 366 days
   */
  scheduleRefresh(
    repoId: string,
    branchNames: readonly string[],
    delayMinutes?: number,
  ): Promise<string[]>;
  /** Not an error when the task is over. @throws {StoreError} `ROW_MISSING` */
  cancelRefresh(taskId: string): Promise<void>;
}

const thresholdHoursDefault = 24;

export function createFreshness(
  call: (call: Call) => Promise<unknown>,
  write: (edits: readonly Edit[]) => Promise<void>,
): Freshness {
  const hoursOf = (options?: FreshnessOptions) => options?.thresholdHours ?? thresholdHoursDefault;
  return {
    staleness: async (repoId, branchName, options) => {
      const thresholdHours = hoursOf(options);
      const answer = await call({ op: 'staleness', repoId, branchName, thresholdHours });
      return answer as StalenessInfo;
    },
    staleBranches: async (repoId, options) => {
      const answer = await call({ op: 'stale-branches', repoId, thresholdHours: hoursOf(options) });
      return answer as StaleBranches;
    },
    markForRefresh: async (repo_id, branchNames) => {
      const marks = branchNames.map(
        (branch_name) => ({ op: 'mark_for_refresh', repo_id, branch_name }) as const,
      );
      if (marks.length > 0) await write(marks);
    },
    scheduleRefresh: async (repo_id, branchNames, delay_minutes = 0) => {
      const tasks = branchNames.map(
        (branch_name) =>
          ({ op: 'schedule_refresh', task: newId(), repo_id, branch_name, delay_minutes }) as const,
      );
      if (tasks.length > 0) await write(tasks);
      return tasks.map(({ task }) => task);
    },
    cancelRefresh: (task) => write([{ op: 'cancel_refresh', task }]),
  };
}
