import { useQuery } from 'twinstore/react';
import { RelativeTime } from 'twinstore/ui';
import { type AnalysisLine, analysisLines } from '../queries.ts';
import { QueryFailure } from './QueryFailure.tsx';

/** The analyses of a branch, the newest first, each with what it found. */
export function AnalysisList({ repoId, branchName }: { repoId: string; branchName: string }) {
  const lines = useQuery((sql) => analysisLines(sql, repoId, branchName));
  return (
    <section className="section" aria-labelledby="analyses">
      <h2 id="analyses" className="section-title">
        Analyses
      </h2>
      {lines.status === 'error' && <QueryFailure error={lines.error} />}
      {lines.data?.length === 0 && (
        <p className="quiet-empty">
          None yet. “Analyse now” asks the server for one; offline the request waits here.
        </p>
      )}
      {lines.data !== undefined && lines.data.length > 0 && (
        <table className="table analyses" aria-label={`Analyses of ${branchName}`}>
          <thead>
            <tr className="table-head">
              <th scope="col">When</th>
              <th scope="col">Commit</th>
              <th scope="col" className="number">
                Score
              </th>
              <th scope="col" className="number">
                Issues
              </th>
              <th scope="col">What it found</th>
            </tr>
          </thead>
          <tbody>
            {lines.data.map((line) => (
              <Line key={line.commit_sha} line={line} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Line({ line }: { line: AnalysisLine }) {
  return (
    <tr className="table-row">
      <td className="cell-time">
        <RelativeTime time={line.analysis_timestamp} />
      </td>
      <td className="cell-branch">
        <code title={line.commit_sha}>{line.commit_sha.slice(0, 7)}</code>
      </td>
      <td className="cell-score number">
        {line.score === null ? <span className="faint">–</span> : line.score.toFixed(1)}
      </td>
      <td className="cell-issues number">
        {line.issue_count.toLocaleString('en')}
        <span className="unit"> {line.issue_count === 1 ? 'issue' : 'issues'}</span>
      </td>
      <td className="cell-found">
        <p>{line.ai_summary ?? 'No summary'}</p>
        <p className="commit-facts">{line.technologies.join(', ')}</p>
      </td>
    </tr>
  );
}
