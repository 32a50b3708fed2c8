import { useCallback, useEffect, useRef, useState } from 'react';
import { type Hands, story } from './story.ts';

/** How long a step is shown: all of them stay below ten seconds. */
const STEP_MS = 1_400;

export interface Telling {
  /** How many steps have been told. */
  readonly step: number;
  readonly isTelling: boolean;
  readonly isOver: boolean;
  readonly tell: () => void;
}

/** Tells the story with these hands, one step after the other, for as long as it is shown. */
export function useStory(hands: Hands): Telling {
  const [step, setStep] = useState(0);
  const [isTelling, setTelling] = useState(false);
  const isHere = useRef(false);
  const isBegun = useRef(false);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const tell = useCallback(async () => {
    if (isBegun.current) return;
    isBegun.current = true;
    setTelling(true);
    for (const [at, { act }] of story.entries()) {
      if (!isHere.current) return;
      setStep(at + 1);
      await act(hands);
      if (at < story.length - 1) await new Promise((done) => setTimeout(done, STEP_MS));
    }
    setTelling(false);
    isBegun.current = false;
  }, [hands]);
  const isOver = step === story.length && !isTelling;
  const start = useCallback(() => void tell().catch(() => setTelling(false)), [tell]);
  return { step, isTelling, isOver, tell: start };
}
