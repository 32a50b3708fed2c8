import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The reporter lists failures with Map.groupBy, which Node has from 21 on: with 20 a red run would
// end in a TypeError instead of saying what failed.
Map.groupBy ??= <K, V>(items: Iterable<V>, keyOf: (item: V, at: number) => K): Map<K, V[]> => {
  const groups = new Map<K, V[]>();
  let at = 0;
  for (const item of items) {
    const key = keyOf(item, at);
    at += 1;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

const built = (path: string) => fileURLToPath(new URL(`dist/${path}`, import.meta.url));

// Tests of hooks ask for a page themselves, by a comment at their top; the others need none.
export default defineConfig({
  // The testing kit is tried as it is published, with the module beside it.
  resolve: {
    alias: [
      { find: /^twinstore\/testing$/, replacement: built('testing/index.js') },
      { find: /^twinstore\/sw$/, replacement: built('sw/index.js') },
      { find: /^twinstore\/devtools$/, replacement: built('devtools/index.js') },
      { find: /^twinstore\/ui$/, replacement: built('ui/index.js') },
      { find: /^twinstore\/react$/, replacement: built('react/index.js') },
      { find: /^twinstore$/, replacement: built('client/index.js') },
    ],
  },
  test: {
    environment: 'node',
    // No test measures time: this ends a run that hangs.
    testTimeout: 120_000,
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      { extends: true, test: { name: 'once', include: ['test/**/*.test.{ts,tsx}'] } },
      {
        extends: true,
        test: {
          name: 'strict',
          include: ['test/{react,ui}/*.test.tsx'],
          setupFiles: ['test/strictMode.ts'],
        },
      },
    ],
    // Node loads the module's glue by itself, also where the test has a page.
    server: { deps: { external: [/wasm-release/] } },
  },
});
