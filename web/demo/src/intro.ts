import { external, kept } from './external.ts';

const keptAs = 'twinstore-intro';
const isHidden = external(kept.read(keptAs) === 'hidden');

function set(hidden: boolean): void {
  isHidden.set(hidden);
  kept.write(keptAs, hidden ? 'hidden' : null);
}

/** Whether the words for newcomers are put away; the choice outlives a visit. */
export const intro = {
  get: isHidden.get,
  subscribe: isHidden.subscribe,
  hide: () => set(true),
  show: () => set(false),
};
