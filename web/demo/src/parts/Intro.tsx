import { useSyncExternalStore } from 'react';
import { intro } from '../intro.ts';
import { offlineSwitch } from '../offlineSwitch.ts';
import { Link } from './Link.tsx';
import { TwinPicture } from './TwinPicture.tsx';

/** What this is, and three things to try, for whoever comes here first. */
export function Intro() {
  const isHidden = useSyncExternalStore(intro.subscribe, intro.get);
  const isOffline = useSyncExternalStore(offlineSwitch.subscribe, offlineSwitch.get);
  if (isHidden) return null;
  return (
    <section className="intro" aria-labelledby="intro">
      <div className="intro-top">
        <div>
          <h2 id="intro">All of this is read from your own device</h2>
          <p>
            Twinstore keeps an app's data in SQLite inside the browser and level with a server that
            runs the same engine. Reading and writing never wait for a network. Where two people
            change the same thing apart, it is merged, decided by rule, or shown to them: nothing is
            dropped silently.
          </p>
        </div>
        <TwinPicture />
      </div>
      <ol className="intro-tries">
        <li>
          <h3>Pull the plug</h3>
          <p>Go offline, edit a branch, reload: everything goes on, and is sent when you return.</p>
          <button
            type="button"
            className="button"
            onClick={() => offlineSwitch.set(!isOffline)}
            data-kind={isOffline ? undefined : 'main'}
          >
            {isOffline ? 'Go online again' : 'Go offline'}
          </button>
        </li>
        <li>
          <h3>See two edits meet</h3>
          <p>
            Two devices change one text apart. Ten seconds to see what becomes of it, by policy.
          </p>
          <Link className="button" to="/playground?show=1">
            Show me
          </Link>
        </li>
        <li>
          <h3>Ask it anything</h3>
          <p>Plain SQL over the local tables, in milliseconds; results change as rows do.</p>
          <Link className="button" to="/console">
            Open SQL
          </Link>
        </li>
      </ol>
      <button type="button" className="intro-hide" aria-label="Hide this" onClick={intro.hide}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M4 4 12 12M12 4 4 12" />
        </svg>
      </button>
    </section>
  );
}
