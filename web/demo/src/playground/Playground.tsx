import { useCallback, useEffect, useRef, useState } from 'react';
import { StoreProvider } from 'twinstore/react';
import type { TestStore } from 'twinstore/testing';
import { ConflictInbox } from 'twinstore/ui';
import { ScreenHead } from '../parts/ScreenHead.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useParameter } from '../router.ts';
import { Device } from './Device.tsx';
import { newDevices, outcomes, type Policy, story } from './story.ts';
import { useWorld } from './useWorld.ts';

const policies: readonly (readonly [Policy, string, string])[] = [
  ['LATEST_WINS', 'Latest wins', 'each field takes its later edit'],
  ['MERGE', 'Merge', 'each field by its rule: lines, sets, counters'],
  ['MANUAL', 'Manual', 'people decide'],
];

/** Two devices and their server, all in this page: what happens when edits meet, by each policy. */
export default function Playground() {
  const [kept, keep] = useParameter('policy');
  const policy = policies.find(([name]) => name === kept)?.[0] ?? 'LATEST_WINS';
  return (
    <>
      <ScreenHead
        title="Playground"
        sum="Two devices and a server run in this page, each with the real engine. Nothing leaves it."
      />
      <fieldset className="policies">
        <legend className="visually-hidden">When two edits of one field meet</legend>
        {policies.map(([name, title, words]) => (
          <label key={name} className="policy">
            <input
              type="radio"
              name="policy"
              checked={policy === name}
              onChange={() => keep(name === 'LATEST_WINS' ? '' : name)}
            />
            <span>
              <strong>{title}</strong>
              <span className="policy-words">{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Round key={policy} policy={policy} />
    </>
  );
}

function Round({ policy }: { policy: Policy }) {
  const [round, setRound] = useState(0);
  return <Devices key={round} policy={policy} again={() => setRound(round + 1)} />;
}

function Devices({ policy, again }: { policy: Policy; again: () => void }) {
  const { stores, error } = useWorld(useCallback(() => newDevices(policy), [policy]));
  const telling = useStory(stores);
  if (error !== null) {
    return (
      <div className="notice" data-tone="wrong" role="alert">
        <p>
          <strong>The engine could not be started in this page.</strong> {error.message}
        </p>
      </div>
    );
  }
  const [ada, ben] = stores ?? [];
  if (ada === undefined || ben === undefined) return <Skeleton rows={4} />;
  const isOver = telling.step === story.length;
  return (
    <>
      <div className="story">
        <button
          type="button"
          className="button"
          data-kind="main"
          onClick={isOver ? again : telling.tell}
          disabled={telling.isTelling}
        >
          {isOver ? 'Start again' : 'Show me a conflict'}
        </button>
        <p className="story-words" role="status">
          {telling.step === 0
            ? 'Or take the devices offline, edit on both, and bring them back.'
            : isOver
              ? outcomes[policy]
              : story[telling.step - 1]?.words}
        </p>
        <progress
          className="story-bar"
          aria-label="The story"
          max={story.length}
          value={telling.step}
        />
      </div>
      <div className="devices">
        <Device name="Ada" store={ada} />
        <Device name="Ben" store={ben} />
      </div>
      <section className="section" aria-labelledby="inbox">
        <h2 id="inbox" className="section-title">
          What Ben sees of it
        </h2>
        <StoreProvider store={ben}>
          <ConflictInbox />
        </StoreProvider>
      </section>
    </>
  );
}

/** How long a step is shown: five of them stay below ten seconds. */
const STEP_MS = 1_500;

function useStory(stores: readonly TestStore[] | null) {
  const [step, setStep] = useState(0);
  const [isTelling, setTelling] = useState(false);
  const isHere = useRef(false);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const tell = useCallback(async () => {
    const [ada, ben] = stores ?? [];
    if (ada === undefined || ben === undefined) return;
    setTelling(true);
    for (const [at, { act }] of story.entries()) {
      if (!isHere.current) return;
      setStep(at + 1);
      await act(ada, ben);
      if (at < story.length - 1) await new Promise((done) => setTimeout(done, STEP_MS));
    }
    setTelling(false);
  }, [stores]);
  return { step, isTelling, tell: () => void tell().catch(() => setTelling(false)) };
}
