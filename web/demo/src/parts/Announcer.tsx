import { useEffect, useRef, useState } from 'react';
import { useSyncWords } from 'twinstore/ui';

/** States that pass sooner than this are not worth interrupting for. */
const SETTLE_MS = 1_500;

/**
 * Says changes of the sync state once (WCAG 4.1.3). It is empty at first, so that opening the page
 * announces nothing, and waits until a state settles, so that a quick exchange is one sentence.
 */
export function Announcer() {
  const { text } = useSyncWords();
  const [said, say] = useState('');
  const before = useRef(text);
  useEffect(() => {
    if (text === before.current) return;
    const timer = setTimeout(() => {
      before.current = text;
      say(text);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p role="status" className="visually-hidden" data-announcer>
      {said}
    </p>
  );
}
