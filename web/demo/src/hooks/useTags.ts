import { useCallback } from 'react';
import { useMutation } from 'twinstore/react';

/** Adding and removing one tag, each on the branch's tags as they are at that moment. */
export function useTags(repoId: string) {
  const change = useMutation(async (tx, name: string, of: (tags: Set<string>) => void) => {
    const [row] = await tx.sql<{ tags: readonly string[] }>`
      SELECT tags FROM branches WHERE repo_id = ${repoId} AND name = ${name}`;
    if (row === undefined) return;
    const tags = new Set(row.tags);
    of(tags);
    await tx.table('branches').patch([repoId, name], { tags: [...tags] });
  });
  const { run, error } = change;
  const add = useCallback(
    (name: string, tag: string) => void run(name, (tags) => tags.add(tag)),
    [run],
  );
  const remove = useCallback(
    (name: string, tag: string) => void run(name, (tags) => tags.delete(tag)),
    [run],
  );
  return { add, remove, error };
}
