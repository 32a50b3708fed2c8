import { ConflictInbox } from 'twinstore/ui';
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
    </>
  );
}
