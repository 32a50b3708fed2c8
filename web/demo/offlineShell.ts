import { join } from 'node:path';
import type { Plugin } from 'vite';
import { writeOfflineShell } from '../dist/sw/build.js';

/** The views of router.ts; what the server has beside them, such as /metrics, is not of the app. */
const views = /^\/($|(repositories\/.*|stale|conflicts|status|playground|console|gallery)$)/;

/** What `twinstore-sw` does after a build, as a part of it. */
export function offlineShell(): Plugin {
  let folder = '';
  return {
    name: 'offline-shell',
    apply: 'build',
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle: () => void writeOfflineShell(folder, { views }),
  };
}
