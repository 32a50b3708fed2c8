import type { TestStore } from 'twinstore/testing';

export type Policy = 'LATEST_WINS' | 'MERGE' | 'MANUAL';

export const key = 'twin/star';
export const first = {
  repo_id: key,
  owner: 'twin',
  name: 'star',
  description: 'Keeps what people write.\nWorks on a train.',
  topics: ['offline'],
} as const;

/** Two devices of one server, both in this page; the server decides by `policy`. */
export async function newDevices(policy: Policy): Promise<readonly TestStore[]> {
  const { createTestStore } = await import('twinstore/testing');
  const ada = await createTestStore({
    now: Date.now(),
    policy: { repositories: policy },
    seed: { repositories: [first] },
  });
  return [ada, await ada.peer()];
}

export interface Step {
  readonly words: string;
  readonly act: (ada: TestStore, ben: TestStore) => Promise<void>;
}

const edit = (store: TestStore, description: string, topics: readonly string[]) =>
  store.table('repositories').patch(key, { description, topics });

/** A conflict from its beginning to its end; each step takes a moment, so that it can be seen. */
export const story: readonly Step[] = [
  {
    words: 'Both devices lose their connection.',
    act: async (ada, ben) => {
      ada.goOffline();
      ben.goOffline();
    },
  },
  {
    words: 'Ada edits the first line and adds a topic.',
    act: (ada) =>
      edit(ada, 'Keeps what people write, at once.\nWorks on a train.', ['offline', 'fast']),
  },
  {
    words: 'Ben, who knows nothing of it, edits the second line and adds another topic.',
    act: (_, ben) =>
      edit(ben, 'Keeps what people write.\nWorks on a train, and in the tunnel.', [
        'offline',
        'small',
      ]),
  },
  {
    words: 'Ada is back: the server has her edit.',
    act: (ada) => reconnect(ada),
  },
  {
    words: 'Ben is back: his edit meets hers.',
    act: async (ada, ben) => {
      await reconnect(ben);
      await ben.syncWith(ada);
    },
  },
];

async function reconnect(store: TestStore): Promise<void> {
  store.goOnline();
  await store.sync.now();
}

export const outcomes: Readonly<Record<Policy, string>> = {
  LATEST_WINS:
    "The later edit took each field that both had changed. Ada's is kept: it can be taken back.",
  MERGE: 'Both lines and both topics are there. Nothing was lost, and nobody was asked.',
  MANUAL: "The row keeps Ada's values until somebody decides, on either device.",
};
