import type { Query, SqlTag } from 'twinstore';
import type { Order } from './parts/SortHead.tsx';

/** The words of an order; what has no value stands last either way. */
function ordered(sql: SqlTag, column: Query<unknown>, isDescending: boolean): Query<unknown> {
  return isDescending ? sql`${column} DESC NULLS LAST` : sql`${column} ASC NULLS LAST`;
}

/** One line of the list of repositories. */
export interface RepositoryLine {
  readonly repo_id: string;
  readonly owner: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly default_branch: string | null;
  readonly branch_count: number;
  readonly analysis_timestamp: string | null;
  readonly score: number | null;
}

export type RepositoryOrder = 'name' | 'branches' | 'analysed' | 'score';

/** Each repository with the newest analysis of its default branch. */
export function repositoryLines(
  sql: SqlTag,
  term: string,
  { by, isDescending }: Order<RepositoryOrder>,
): Query<RepositoryLine> {
  const columns = {
    name: sql`lower(r.repo_id)`,
    branches: sql`branch_count`,
    analysed: sql`a.analysis_timestamp`,
    score: sql`score`,
  };
  return sql<RepositoryLine>`
    SELECT r.repo_id, r.owner, r.name, r.description, r.default_branch,
      (SELECT count(*) FROM branches b WHERE b.repo_id = r.repo_id) AS branch_count,
      a.analysis_timestamp, json_extract(a.detailed_scores, '$.overall_score') AS score
    FROM repositories r
    LEFT JOIN analyses a ON a.repo_id = r.repo_id AND a.branch_name = r.default_branch
      AND a.commit_sha = (
        SELECT n.commit_sha FROM analyses n
        WHERE n.repo_id = r.repo_id AND n.branch_name = r.default_branch
        ORDER BY n.analysis_timestamp DESC, n.commit_sha DESC LIMIT 1)
    WHERE instr(lower(r.repo_id), lower(${term})) > 0
    ORDER BY ${ordered(sql, columns[by], isDescending)}, r.repo_id`;
}

export interface ScorePoint {
  readonly repo_id: string;
  readonly metric_value: number;
  readonly recorded_at: string;
}

/** The course of the overall score on each default branch. */
export function scoreHistory(sql: SqlTag): Query<ScorePoint> {
  return sql<ScorePoint>`
    SELECT h.repo_id, h.metric_value, h.recorded_at
    FROM repositories r
    JOIN historical_metrics h ON h.repo_id = r.repo_id AND h.branch_name = r.default_branch
      AND h.metric_name = 'overall_score'
    ORDER BY h.repo_id, h.recorded_at`;
}

export interface BranchLine {
  readonly repo_id: string;
  readonly name: string;
  readonly commit_sha: string | null;
  readonly is_default: boolean | null;
  readonly ahead: number | null;
  readonly behind: number | null;
  readonly last_commit_at: string | null;
  readonly last_commit_message: string | null;
  readonly tags: readonly string[];
}

export type BranchOrder = 'commit' | 'name' | 'ahead' | 'behind';

/** The branches of one repository whose name, last message or tag holds the term. */
export function branchLines(
  sql: SqlTag,
  repoId: string,
  term: string,
  { by, isDescending }: Order<BranchOrder>,
): Query<BranchLine> {
  const columns = {
    commit: sql`b.last_commit_at`,
    name: sql`lower(b.name)`,
    ahead: sql`b.ahead`,
    behind: sql`b.behind`,
  };
  return sql<BranchLine>`
    SELECT b.repo_id, b.name, b.commit_sha, b.is_default, b.ahead, b.behind, b.last_commit_at,
      b.last_commit_message, b.tags
    FROM branches b
    WHERE b.repo_id = ${repoId} AND (instr(lower(b.name), lower(${term})) > 0
      OR instr(lower(b.last_commit_message), lower(${term})) > 0
      OR instr(lower(b.tags), lower(${term})) > 0)
    ORDER BY coalesce(b.is_default, 0) DESC,
      ${ordered(sql, columns[by], isDescending)}, b.name`;
}

/** One line of the list of analyses. */
export interface AnalysisLine {
  readonly commit_sha: string;
  readonly analysis_timestamp: string;
  readonly score: number | null;
  readonly issue_count: number;
  readonly ai_summary: string | null;
  readonly technologies: readonly string[];
}

const ANALYSES_MAX = 100;

/** The analyses of a branch, the newest first; files trees and the like stay where they are. */
export function analysisLines(
  sql: SqlTag,
  repoId: string,
  branchName: string,
): Query<AnalysisLine> {
  return sql<AnalysisLine>`
    SELECT commit_sha, analysis_timestamp, ai_summary, technologies,
      json_extract(metrics, '$.overall_score') AS score,
      coalesce(json_array_length(issues), 0) AS issue_count
    FROM analyses WHERE repo_id = ${repoId} AND branch_name = ${branchName}
    ORDER BY analysis_timestamp DESC, commit_sha LIMIT ${ANALYSES_MAX}`;
}

/** The open conflicts of one row. */
export function openConflictsOf(
  sql: SqlTag,
  collection: string,
  key: readonly string[],
): Query<{ id: string }> {
  return sql<{ id: string }>`
    SELECT id FROM _conflicts WHERE status = 'open' AND collection = ${collection}
      AND row_key = ${JSON.stringify(key)} ORDER BY detected_at, id`;
}
