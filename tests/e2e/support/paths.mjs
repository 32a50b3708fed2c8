import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);

export const repository = (path) => fileURLToPath(new URL(path, root));

/** Real repositories, where they lie beside the checkout. */
export const sharedRepos = [process.env.TWINSTORE_SHARED, repository('../shared')]
  .filter((folder) => folder !== undefined)
  .map((folder) => `${folder}/data/repos`)
  .find((folder) => existsSync(folder));

const chromiums = [process.env.TWINSTORE_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];
export const chromium = chromiums.find((path) => path !== undefined && existsSync(path));

const firefoxes = [process.env.TWINSTORE_FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'];
export const firefox = firefoxes.find((path) => path !== undefined && existsSync(path));

const unbuilt =
  (!existsSync(repository('build/native-release/bin/twinstore')) &&
    'the server is not built: scripts/build native') ||
  (!existsSync(repository('web/demo/dist/index.html')) &&
    'the app is not built: scripts/build web') ||
  false;

/** Why the suite cannot run here, in words; false when it can. */
export const missing =
  unbuilt || (chromium === undefined && 'there is no Chromium: scripts/setup browser');
export const missingFirefox =
  unbuilt || (firefox === undefined && 'there is no Firefox: scripts/setup browser');
