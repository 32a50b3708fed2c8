import type { StoreInspection } from '../../client/index.js';

export interface SchemaTable {
  readonly name: string;
  readonly key: readonly string[];
  readonly scope: string;
  readonly isAppendOnly: boolean;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly merge?: string;
  }[];
}

interface SchemaText {
  readonly collections: readonly {
    readonly name: string;
    readonly key: readonly string[];
    readonly scope: string;
    readonly append_only?: boolean;
    readonly fields: SchemaTable['fields'];
  }[];
}

/** Those of the engine, which every schema has. */
export const systemTables = ['_conflicts', '_refresh_tasks', '_rejected_writes'] as const;

/** The application's own tables, in the order of its schema. */
export function schemaTables(inspection: StoreInspection): readonly SchemaTable[] {
  const { collections } = JSON.parse(inspection.schema) as SchemaText;
  return collections.map((collection) => ({
    ...collection,
    isAppendOnly: collection.append_only === true,
  }));
}
