import type { Row } from './rows.js';

/** What becomes of a write. */
export type WriteOutcome = 'applied' | 'merged' | 'superseded' | 'conflict' | 'rejected';

/** One transaction of this device that the server has not judged yet. */
export interface PreviewedWrite {
  readonly id: string;
  /** When it was written, in UTC. */
  readonly made_at: string;
  readonly outcome: WriteOutcome;
  /** What it changes, in the order of the edits. */
  readonly rows: readonly { readonly collection: string; readonly key: readonly unknown[] }[];
  /** Where it meets a change that it had not seen: the rows of `_conflicts` that would be made. */
  readonly meetings: readonly Row<'_conflicts'>[];
  /** Of a rejected one. */
  readonly code?: string;
  readonly message?: string;
}

/** Whether to look at the server first. */
export interface PreviewOptions {
  /** False: nobody is asked, and the rows count as this device last saw them. */
  readonly fetch?: boolean;
}

/** How many writes end with each outcome, and which: "2 will merge, 1 needs you". */
export interface SyncPreview extends Readonly<Record<WriteOutcome, number>> {
  /** What others did was fetched for this; otherwise it is judged on what this device last saw. */
  readonly isCurrent: boolean;
  readonly writes: readonly PreviewedWrite[];
}
