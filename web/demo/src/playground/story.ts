import type { TestStore } from 'twinstore/testing';

export type Policy = 'LATEST_WINS' | 'MERGE' | 'MANUAL';
export type Person = 'Ada' | 'Ben';

/** What people edit here, of the one row that everything is about. */
export interface Texts {
  readonly description: string;
  readonly topics: readonly string[];
}

export const key = 'twin/star';

/** The lines that the two change are apart: neighbours would count as one change (docs/sync.md). */
const lines = [
  'Keeps what people write.',
  'Nothing waits for a network.',
  'Works on a train.',
] as const;
const textOf = (first: string, last: string) => [first, lines[1], last].join('\n');

const first = {
  repo_id: key,
  owner: 'twin',
  name: 'star',
  description: textOf(lines[0], lines[2]),
  topics: ['offline'],
};
const adas: Texts = {
  description: textOf('Keeps what people write, at once.', lines[2]),
  topics: ['offline', 'fast'],
};
const bens: Texts = {
  description: textOf(lines[0], 'Works on a train, and in the tunnel.'),
  topics: ['offline', 'small'],
};

export interface World {
  readonly Ada: TestStore;
  readonly Ben: TestStore;
  /** Always connected: what it shows is what the server has. */
  readonly server: TestStore;
}

/** Two devices and their server, all in this page; the server decides by `policy`. */
export async function newWorld(policy: Policy): Promise<readonly TestStore[]> {
  const { createTestStore } = await import('twinstore/testing');
  const ada = await createTestStore({
    now: Date.now(),
    policy: { repositories: policy },
    seed: { repositories: [first] },
  });
  return [ada, await ada.peer(), await ada.peer()];
}

export interface Hands {
  readonly world: World;
  /** Saves on one device, and remembers it for the comparison. */
  readonly write: (person: Person, texts: Texts) => Promise<void>;
}

export interface Step {
  readonly words: string;
  readonly act: (hands: Hands) => Promise<void>;
}

/** A conflict from its beginning to its end; each step takes a moment, so that it can be seen. */
export const story: readonly Step[] = [
  {
    words: 'Both devices go offline.',
    act: async ({ world }) => {
      world.Ada.sync.pause();
      world.Ben.sync.pause();
    },
  },
  {
    words: 'Ada edits the first line and adds the topic “fast”.',
    act: ({ write }) => write('Ada', adas),
  },
  {
    words: 'Ben, who knows nothing of it, edits the last line and adds “small”.',
    act: ({ write }) => write('Ben', bens),
  },
  {
    words: 'Ada is back: the server has her edit.',
    act: ({ world }) => reconnect(world.Ada),
  },
  {
    words: 'Ben looks before he sends anything: what would become of his edit?',
    act: async ({ world }) => {
      await world.Ben.sync.preview();
    },
  },
  {
    words: 'Ben is back: his edit meets hers.',
    act: async ({ world }) => {
      await reconnect(world.Ben);
      await world.Ben.syncWith(world.Ada);
    },
  },
];

async function reconnect(store: TestStore): Promise<void> {
  store.sync.resume();
  await store.sync.now();
}
