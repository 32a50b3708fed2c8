import { useConflicts } from 'twinstore/react';
import { ConflictInbox } from 'twinstore/ui';
import { Link } from '../parts/Link.tsx';
import { ScreenHead } from '../parts/ScreenHead.tsx';
import { useParameter } from '../router.ts';

export function Conflicts() {
  const [open, setOpen] = useParameter('open');
  return (
    <>
      <ScreenHead
        title="Conflicts"
        sum="Where two people changed the same, and what was decided. Works offline."
      />
      <ConflictInbox openId={open === '' ? null : open} onOpen={(id) => setOpen(id ?? '')} />
      <HowTheyCome />
    </>
  );
}

/** For whoever has none: what would be here, and where one can be seen. */
function HowTheyCome() {
  const { status, count, history } = useConflicts();
  if (status !== 'success' || count + history.length > 0) return null;
  return (
    <section className="section card explain" aria-labelledby="how">
      <h2 id="how">How a conflict comes about</h2>
      <ol>
        <li>Two devices are offline, and each changes the same field of the same row.</li>
        <li>
          Both return. The engine compares three sides, field by field: what the row was, what came
          first, what came second.
        </li>
        <li>
          Its policy says what happens: the later edit wins, both are merged, or people decide here,
          with all three sides before them.
        </li>
      </ol>
      <p>
        <Link className="button" to="/playground?policy=MANUAL&show=1">
          Watch one happen
        </Link>
      </p>
    </section>
  );
}
