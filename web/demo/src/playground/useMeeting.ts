import { useCallback, useMemo, useState } from 'react';
import type { Hands, Person, Texts, World } from './story.ts';
import { key } from './story.ts';

/** What the two wrote since they were last alike. */
export interface Meeting {
  readonly before: Texts;
  readonly wrote: Readonly<Partial<Record<Person, Texts>>>;
}

/** Hands to write with, and what they wrote: for the story as for whoever plays. */
export function useMeeting(world: World): { meeting: Meeting | null; hands: Hands } {
  const [meeting, setMeeting] = useState<Meeting | null>(null);
  const write = useCallback(
    async (person: Person, { description, topics }: Texts) => {
      const [before, isAlike] = await Promise.all([textsAt(world), areLevel(world)]);
      setMeeting((last) =>
        last === null || isAlike
          ? { before, wrote: { [person]: { description, topics } } }
          : { ...last, wrote: { ...last.wrote, [person]: { description, topics } } },
      );
      await world[person].table('repositories').patch(key, { description, topics });
    },
    [world],
  );
  const hands = useMemo(() => ({ world, write }), [world, write]);
  return { meeting, hands };
}

async function textsAt({ server }: World): Promise<Texts> {
  const row = await server.table('repositories').get(key);
  return { description: row?.description ?? '', topics: row?.topics ?? [] };
}

/** Nothing waits on either device: the next edit begins a new meeting. */
async function areLevel({ Ada, Ben }: World): Promise<boolean> {
  return [Ada, Ben].every((store) => {
    const status = store.sync.status.getSnapshot().data;
    return status?.pendingUploads === 0;
  });
}
