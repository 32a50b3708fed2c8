import { StoreDevtools } from 'twinstore/devtools';
import { useParameter } from '../router.ts';

/** The package's own tools over this page's store, while the address asks for them. */
export function DevtoolsSwitch() {
  const [open, setOpen] = useParameter('devtools');
  return <StoreDevtools open={open !== ''} onClose={() => setOpen('')} />;
}

export function DevtoolsButton() {
  const [open, setOpen] = useParameter('devtools');
  return (
    <button type="button" className="link" onClick={() => setOpen(open === '' ? '1' : '')}>
      Developer tools
    </button>
  );
}
