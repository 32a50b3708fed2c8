import type { ReactNode } from 'react';
import { useQuery, useRow } from 'twinstore/react';
import { DataFreshnessIndicator, MetricTrend, RelativeTime } from 'twinstore/ui';
import { useTags } from '../hooks/useTags.ts';
import { AnalysisList } from '../parts/AnalysisList.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Link } from '../parts/Link.tsx';
import { QueryFailure } from '../parts/QueryFailure.tsx';
import { SelectField } from '../parts/SelectField.tsx';
import { TagEditor } from '../parts/TagEditor.tsx';
import { openConflictsOf } from '../queries.ts';
import { pathOf, useParameter } from '../router.ts';

const metrics = [
  ['overall_score', 'Score'],
  ['files', 'Files'],
  ['bytes', 'Bytes'],
  ['languages', 'Languages'],
  ['test_files', 'Test files'],
  ['doc_files', 'Documents'],
] as const;

export function Branch({ repoId, branchName }: { repoId: string; branchName: string }) {
  const branch = useRow('branches', [repoId, branchName]);
  const tags = useTags(repoId);
  const row = branch.data ?? null;
  return (
    <>
      <title>{`${branchName} · ${repoId} · Twinstore`}</title>
      <nav className="crumbs" aria-label="Breadcrumb">
        <Link to="/">Repositories</Link>
        <span aria-hidden="true">/</span>
        <Link to={pathOf({ screen: 'branches', repoId })}>{repoId}</Link>
      </nav>
      <div className="screen-head">
        <div>
          <h1 tabIndex={-1} className="branch-title">
            {branchName} {row?.is_default === true && <span className="badge">default</span>}
          </h1>
          <p className="screen-sum">
            {row === null ? (
              ' '
            ) : (
              <>
                {row.last_commit_message ?? 'No commit yet'},{' '}
                <RelativeTime time={row.last_commit_at} />
              </>
            )}
          </p>
        </div>
      </div>
      {branch.status === 'error' && <QueryFailure error={branch.error} />}
      {tags.error !== null && <QueryFailure error={tags.error} />}
      {branch.status === 'success' && row === null && (
        <EmptyState title="This branch is not on this device">
          <p>
            It may have been deleted, or never been here.{' '}
            <Link to={pathOf({ screen: 'branches', repoId })}>See the others of {repoId}</Link>.
          </p>
        </EmptyState>
      )}
      {row !== null && (
        <>
          <OpenConflicts repoId={repoId} branchName={branchName} />
          <dl className="facts">
            <Fact name="Head">
              {row.commit_sha === null ? (
                'none'
              ) : (
                <code title={row.commit_sha}>{row.commit_sha.slice(0, 7)}</code>
              )}
            </Fact>
            <Fact name="Behind">{commits(row.behind)}</Fact>
            <Fact name="Ahead">{commits(row.ahead)}</Fact>
            <Fact name="Tags">
              <TagEditor
                branch={branchName}
                tags={row.tags}
                onAdd={(tag) => tags.add(branchName, tag)}
                onRemove={(tag) => tags.remove(branchName, tag)}
              />
            </Fact>
          </dl>
          <div className="branch-columns">
            <Trend repoId={repoId} branchName={branchName} />
            <section aria-labelledby="freshness">
              <h2 id="freshness" className="visually-hidden">
                Freshness
              </h2>
              <DataFreshnessIndicator repoId={repoId} branchName={branchName} />
            </section>
          </div>
          <AnalysisList repoId={repoId} branchName={branchName} />
        </>
      )}
    </>
  );
}

function commits(count: number | null): string {
  if (count === null) return 'not known';
  return count === 1 ? '1 commit' : `${count.toLocaleString('en')} commits`;
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function OpenConflicts({ repoId, branchName }: { repoId: string; branchName: string }) {
  const conflicts = useQuery((sql) => openConflictsOf(sql, 'branches', [repoId, branchName]));
  const [first, ...others] = conflicts.data ?? [];
  if (first === undefined) return null;
  return (
    <div className="notice" data-tone="away">
      <p>
        <strong>Two edits of this branch met.</strong> The stored values stay as they are until
        somebody decides.
      </p>
      <Link className="button" to={`/conflicts?open=${encodeURIComponent(first.id)}`}>
        {others.length === 0 ? 'Decide' : `Decide ${others.length + 1} conflicts`}
      </Link>
    </div>
  );
}

function Trend({ repoId, branchName }: { repoId: string; branchName: string }) {
  const [metric, setMetric] = useParameter('metric');
  const [range, setRange] = useParameter('range');
  const [name, label] = metrics.find(([known]) => known === metric) ?? metrics[0];
  const newest = useQuery(
    (sql) => sql<{ newest: string | null }>`
      SELECT max(recorded_at) AS newest FROM historical_metrics
      WHERE repo_id = ${repoId} AND branch_name = ${branchName}`,
  );
  const since = sinceOf(range, newest.data?.[0]?.newest ?? null);
  return (
    <section className="card" aria-labelledby="trend">
      <div className="card-head">
        <h2 id="trend">{label}</h2>
        <div className="card-controls">
          <SelectField label="Metric" value={name} options={metrics} onChange={setMetric} />
          <SelectField
            label="Range"
            value={range}
            options={[
              ['', 'All time'],
              ['365', 'Last year of it'],
              ['90', 'Last 90 days of it'],
            ]}
            onChange={setRange}
          />
        </div>
      </div>
      <MetricTrend
        repoId={repoId}
        branchName={branchName}
        metricName={name}
        label={label}
        {...(since === undefined ? {} : { since })}
      />
    </section>
  );
}

const dayMs = 86_400_000;

/** Counted from the newest value, which may be long ago: an empty chart would help nobody. */
function sinceOf(range: string, newest: string | null): string | undefined {
  const days = Number.parseInt(range, 10);
  if (newest === null || !(days > 0)) return undefined;
  return new Date(Date.parse(newest) - days * dayMs).toISOString();
}
