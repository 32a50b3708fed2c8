import { useEffect, useState } from 'react';
import { StoreProvider, useConflicts } from 'twinstore/react';
import { ConflictInbox } from 'twinstore/ui';
import { Device } from './Device.tsx';
import { Outcome } from './Outcome.tsx';
import { ServerCard } from './ServerCard.tsx';
import { story, type World } from './story.ts';
import { useMeeting } from './useMeeting.ts';
import { useStory } from './useStory.ts';

/** The story's bar, the two devices with their server between them, and what became of it. */
export function Devices(props: { world: World; startsAtOnce: boolean; again: () => void }) {
  const { world, startsAtOnce, again } = props;
  const { meeting, hands } = useMeeting(world);
  const { step, isTelling, isOver, tell } = useStory(hands);
  useEffect(() => {
    if (startsAtOnce) tell();
  }, [startsAtOnce, tell]);
  return (
    <>
      <div className="story">
        <button
          type="button"
          className="button"
          data-kind="main"
          onClick={isOver ? again : tell}
          disabled={isTelling}
        >
          {isOver ? 'Start again' : 'Show me a conflict'}
        </button>
        <p className="story-words" role="status">
          {step === 0
            ? 'Or take the devices offline, edit on both, and bring them back.'
            : story[step - 1]?.words}
        </p>
        <progress className="story-bar" aria-label="The story" max={story.length} value={step} />
      </div>
      <div className="devices">
        <Device name="Ada" store={world.Ada} onWrite={(texts) => void hands.write('Ada', texts)} />
        <ServerCard world={world} />
        <Device name="Ben" store={world.Ben} onWrite={(texts) => void hands.write('Ben', texts)} />
      </div>
      <StoreProvider store={world.Ben}>
        <Outcome meeting={meeting} />
        <Inbox />
      </StoreProvider>
    </>
  );
}

/** Open at what needs somebody, or can be taken back, until another one is opened. */
function Inbox() {
  const { open, history } = useConflicts();
  const [chosen, choose] = useState<string | null>();
  const newest = open[0] ?? history[0];
  if (newest === undefined) return null;
  const first = newest.status === 'merged' ? null : newest.id;
  return (
    <section className="section" aria-labelledby="inbox">
      <h2 id="inbox" className="section-title">
        What Ben sees of it
      </h2>
      <ConflictInbox openId={chosen === undefined ? first : chosen} onOpen={choose} />
    </section>
  );
}
