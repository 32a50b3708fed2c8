import { type ReactNode, useId, useState } from 'react';
import type { StaleBranches } from '../client/index.js';
import { classes } from './classes.js';
import { Failure } from './Failure.js';
import { reasonsInWords } from './freshnessWords.js';
import { RelativeTime } from './RelativeTime.js';
import { Shape, type ShapeName } from './Shape.js';
import { type BatchRefresh, type BatchResult, useBatchRefresh } from './useBatchRefresh.js';
import { useStaleBranches } from './useStaleBranches.js';

/** Which repository, and who hears of a refresh. */
export interface StaleBranchesPanelProps {
  readonly repoId: string;
  /** Called once for each branch whose refresh was asked for and saved. */
  readonly onRefreshBranch?: (branchName: string) => void;
  /** Hours after which an analysis is stale; 24 when absent. */
  readonly thresholdHours?: number;
  readonly className?: string;
}

type Branch = StaleBranches['branches'][number];

/** The stale branches of a repository, why each is stale, and refreshing many at once. */
export function StaleBranchesPanel(props: StaleBranchesPanelProps): ReactNode {
  const { repoId, onRefreshBranch, thresholdHours, className } = props;
  const stale = useStaleBranches(repoId, thresholdHours);
  const batch = useBatchRefresh(repoId, onRefreshBranch);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<readonly Branch[]>([]);
  const shown = shownBranches(stale.answer, asked, batch);
  const selectable = shown.filter(({ branch_name }) => !isUnderWay(batch, branch_name));
  const selected = selectable.filter(({ branch_name }) => chosen.has(branch_name));
  const choose = (names: readonly string[], isChosen: boolean) => {
    const next = new Set(chosen);
    for (const name of names) isChosen ? next.add(name) : next.delete(name);
    setChosen(next);
  };
  const start = () => {
    setChosen(new Set());
    setAsked(selected);
    void batch.start(selected.map(({ branch_name }) => branch_name));
  };
  return (
    <section
      className={classes('twin-panel', className)}
      aria-label={`Stale branches of ${repoId}`}
    >
      {stale.status === 'error' && stale.error !== null && (
        <Failure title="The branches could not be looked at." error={stale.error} />
      )}
      {stale.status === 'pending' && <p className="twin-empty">Looking at the branches…</p>}
      {stale.status === 'success' && shown.length === 0 && (
        <p className="twin-empty">
          <Shape name="check" /> Every analysis is fresh. Looked at{' '}
          <RelativeTime time={stale.answer?.checked_at ?? null} />.
        </p>
      )}
      {shown.length > 0 && (
        <>
          <div className="twin-bar">
            <All all={selectable} selected={selected.length} choose={choose} />
            <BatchActions batch={batch} selected={selected.length} onStart={start} />
          </div>
          <ul className="twin-rows">
            {shown.map((branch) => (
              <StaleRow
                key={branch.branch_name}
                branch={branch}
                result={batch.results.get(branch.branch_name)}
                isChosen={chosen.has(branch.branch_name)}
                onChoose={(isChosen) => choose([branch.branch_name], isChosen)}
              />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** The stale ones, and those of the batch that became fresh by it: a result must not vanish. */
function shownBranches(
  answer: StaleBranches | null,
  asked: readonly Branch[],
  { results }: BatchRefresh,
): readonly Branch[] {
  const branches = new Map(answer?.branches.map((branch) => [branch.branch_name, branch]));
  for (const branch of asked) {
    const { branch_name: name } = branch;
    if (results.has(name) && !branches.has(name)) branches.set(name, branch);
  }
  return [...branches.values()].sort((a, b) => (a.branch_name < b.branch_name ? -1 : 1));
}

function isUnderWay({ results }: BatchRefresh, name: string): boolean {
  const phase = results.get(name)?.phase;
  return phase !== undefined && !['done', 'failed', 'cancelled'].includes(phase);
}

function All(props: {
  all: readonly Branch[];
  selected: number;
  choose: (names: readonly string[], isChosen: boolean) => void;
}): ReactNode {
  const { all, selected, choose } = props;
  const isAll = all.length > 0 && selected === all.length;
  return (
    <label className="twin-choice">
      <input
        type="checkbox"
        disabled={all.length === 0}
        checked={isAll}
        ref={(box) => {
          if (box) box.indeterminate = selected > 0 && !isAll;
        }}
        onChange={() =>
          choose(
            all.map(({ branch_name }) => branch_name),
            !isAll,
          )
        }
      />
      {all.length === 1
        ? 'The one stale branch'
        : `All ${all.length.toLocaleString('en')} stale branches`}
    </label>
  );
}

/** The button stays where it is while a batch runs, and with it the focus. */
function BatchActions(props: {
  batch: BatchRefresh;
  selected: number;
  onStart: () => void;
}): ReactNode {
  const { batch, selected, onStart } = props;
  const total = batch.results.size;
  return (
    <div className="twin-batch">
      <p className="twin-batch-words" role="status">
        {total > 0 && batchWords(batch)}
      </p>
      {total > 0 && (
        <progress
          className="twin-progress"
          aria-label="Refreshes that are finished"
          max={total}
          value={batch.finished}
        />
      )}
      {batch.isRunning ? (
        <button type="button" className="twin-button" onClick={() => void batch.cancel()}>
          Cancel the rest
        </button>
      ) : (
        total > 0 && (
          <button type="button" className="twin-button" onClick={batch.clear}>
            Clear the results
          </button>
        )
      )}
      <button
        type="button"
        className="twin-button"
        data-kind="main"
        aria-disabled={selected === 0 || batch.isRunning}
        onClick={() => {
          if (selected > 0 && !batch.isRunning) onStart();
        }}
      >
        {selected === 0 ? 'Refresh selected' : `Refresh ${selected.toLocaleString('en')} selected`}
      </button>
    </div>
  );
}

function batchWords({ results, finished }: BatchRefresh): string {
  const phases = [...results.values()].map(({ phase }) => phase);
  const count = (wanted: string) => phases.filter((phase) => phase === wanted).length;
  const words = [`${finished} of ${phases.length} finished`];
  for (const [phase, text] of [
    ['failed', 'failed'],
    ['cancelled', 'cancelled'],
    ['queued-offline', 'waiting for a connection'],
  ] as const) {
    const of = count(phase);
    if (of > 0) words.push(`${of} ${text}`);
  }
  return words.join(', ');
}

function StaleRow(props: {
  branch: Branch;
  result: BatchResult | undefined;
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
}): ReactNode {
  const { branch, result, isChosen, onChoose } = props;
  const id = useId();
  const isBusy = result !== undefined && !['done', 'failed', 'cancelled'].includes(result.phase);
  return (
    <li className="twin-row" data-branch={branch.branch_name}>
      <input
        id={id}
        type="checkbox"
        checked={isChosen && !isBusy}
        disabled={isBusy}
        onChange={(event) => onChoose(event.target.checked)}
      />
      <label className="twin-row-name" htmlFor={id}>
        {branch.branch_name}
      </label>
      <span className="twin-row-why">{reasonsInWords(branch)}</span>
      <span className="twin-row-time">
        {branch.last_analyzed_at !== null && <RelativeTime time={branch.last_analyzed_at} />}
      </span>
      <span className="twin-row-result">{result && <Result result={result} />}</span>
    </li>
  );
}

const looks: Readonly<
  Record<BatchResult['phase'], { words: string; tone: string; shape: ShapeName }>
> = {
  asking: { words: 'Asking', tone: 'busy', shape: 'busy' },
  queued: { words: 'Queued', tone: 'busy', shape: 'clock' },
  'queued-offline': { words: 'Waits for a connection', tone: 'away', shape: 'away' },
  running: { words: 'Running', tone: 'busy', shape: 'busy' },
  done: { words: 'Refreshed', tone: 'good', shape: 'check' },
  failed: { words: 'Failed', tone: 'wrong', shape: 'wrong' },
  cancelled: { words: 'Cancelled', tone: 'plain', shape: 'cross' },
};

function Result({ result }: { result: BatchResult }): ReactNode {
  const { words, tone, shape } = looks[result.phase];
  const isReason = result.phase === 'failed' && result.reason !== null;
  return (
    <span className="twin-result" data-tone={tone}>
      <Shape name={shape} />
      <span>
        {words}
        {isReason && `: ${result.reason}`}
      </span>
    </span>
  );
}
