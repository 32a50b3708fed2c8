/** One watched query, as the worker runs it for all pages. */
export interface QueryInspection {
  readonly sql: string;
  /** JSON. */
  readonly params: string;
  /** Live queries of pages that share it. */
  readonly watchers: number;
  readonly runs: number;
  /** Milliseconds of the last run, and of all of them. */
  readonly lastMs: number;
  readonly totalMs: number;
  /** Of its last result, as it crosses to the page. */
  readonly bytes: number;
  /** Why its last run failed. */
  readonly error: string | null;
}

/** What this device holds of one scope. */
export interface ScopeInspection {
  readonly scope: string;
  /** The authority's revision up to which its rows are here. */
  readonly rev: number;
  readonly is_behind: boolean;
  readonly has_synced: boolean;
  readonly verified_at: string | null;
}

/** What goes on inside a store, for developers' tools: any version may change its shape. */
export interface StoreInspection {
  /** The schema as JSON text; system collections are not in it. */
  readonly schema: string;
  /** The server, and what is here of it; null: the store is only local. */
  readonly sync: { readonly url: string; readonly scopes: readonly ScopeInspection[] } | null;
  readonly queries: readonly QueryInspection[];
  /** Pages that this device's worker serves. */
  readonly pages: number;
}
