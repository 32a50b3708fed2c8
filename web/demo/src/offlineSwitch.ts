import { external, kept } from './external.ts';
import { store } from './store.ts';

const keptAs = 'twinstore-offline';
const isOffline = external(kept.read(keptAs) === 'yes');

/** The switch in the header. It closes the connection in the worker, and outlives a reload. */
export const offlineSwitch = {
  ...isOffline,
  set: (wanted: boolean) => {
    isOffline.set(wanted);
    kept.write(keptAs, wanted ? 'yes' : null);
    offlineSwitch.apply();
  },
  apply: () => {
    if (isOffline.get()) store.sync.pause();
    else store.sync.resume();
  },
};
