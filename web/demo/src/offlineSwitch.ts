import { external, kept } from './external.ts';
import { store } from './store.ts';

const keptAs = 'twinstore-offline';
const isOffline = external(kept.read(keptAs) === 'yes');

/** The switch in the header. It closes the connection in the worker, and outlives a reload. */
export const offlineSwitch = {
  ...isOffline,
  set: (wanted: boolean) => {
    note(wanted);
    if (wanted) store.sync.pause();
    else store.sync.resume();
  },
  /** Takes up the choice of the last visit, and follows whoever else pauses the exchange. */
  start: () => {
    offlineSwitch.set(isOffline.get());
    let hasRun = false;
    store.on('sync-status', ({ state }) => {
      if (state === 'initializing') return;
      // A store begins paused, until it hears of the choice.
      if (state === 'paused' && !hasRun) return;
      hasRun = true;
      note(state === 'paused');
    });
  },
};

function note(wanted: boolean): void {
  isOffline.set(wanted);
  kept.write(keptAs, wanted ? 'yes' : null);
}
