import { useCallback, useMemo, useState } from 'react';
import { ScreenHead } from '../parts/ScreenHead.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useParameter } from '../router.ts';
import { Devices } from './Devices.tsx';
import { newWorld, type Policy } from './story.ts';
import { useWorld } from './useWorld.ts';

const policies: readonly (readonly [Policy, string, string])[] = [
  ['LATEST_WINS', 'Latest wins', 'Each field takes its later edit; the other is kept aside.'],
  ['MERGE', 'Merge', 'Each field by its rule: lines of a text, members of a set, counters.'],
  ['MANUAL', 'Manual', 'People decide, field by field, on any device.'],
];

/** Two devices and their server, all in this page: what happens when edits meet, by each policy. */
export default function Playground() {
  const [kept, keep] = useParameter('policy');
  const policy = policies.find(([name]) => name === kept)?.[0] ?? 'LATEST_WINS';
  // Whoever asks for another policy wants to see what it does.
  const [isChosen, setChosen] = useState(false);
  const choose = (name: Policy) => {
    setChosen(true);
    keep(name === 'LATEST_WINS' ? '' : name);
  };
  return (
    <>
      <ScreenHead
        title="Playground"
        sum="Two devices and their server run in this page, each with the real engine. Nothing leaves it."
      />
      <fieldset className="policies">
        <legend className="visually-hidden">When two edits of one field meet</legend>
        {policies.map(([name, title, words]) => (
          <label key={name} className="policy">
            <input
              type="radio"
              name="policy"
              checked={policy === name}
              onChange={() => choose(name)}
            />
            <span>
              <strong>{title}</strong>
              <span className="policy-words">{words}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Rounds key={policy} policy={policy} isChosen={isChosen} />
    </>
  );
}

function Rounds({ policy, isChosen }: { policy: Policy; isChosen: boolean }) {
  const [round, setRound] = useState(0);
  const [show] = useParameter('show');
  return (
    <Round
      key={round}
      policy={policy}
      startsAtOnce={isChosen || round > 0 || show !== ''}
      again={() => setRound(round + 1)}
    />
  );
}

function Round(props: { policy: Policy; startsAtOnce: boolean; again: () => void }) {
  const { policy, startsAtOnce, again } = props;
  const { stores, error } = useWorld(useCallback(() => newWorld(policy), [policy]));
  const world = useMemo(() => {
    const [Ada, Ben, server] = stores ?? [];
    return Ada && Ben && server ? { Ada, Ben, server } : null;
  }, [stores]);
  if (error !== null) {
    return (
      <div className="notice" data-tone="wrong" role="alert">
        <p>
          <strong>The engine could not be started in this page.</strong> {error.message}
        </p>
      </div>
    );
  }
  if (world === null) return <Skeleton rows={4} />;
  return <Devices world={world} startsAtOnce={startsAtOnce} again={again} />;
}
