// Real browsers, one profile each: Chromium, and Firefox over WebDriver BiDi. What the page complains
// about is kept, so that a test can ask for none.
//
// playwright-core is pinned to the newest that drives Debian's Firefox: 1.65 sends it a command that
// it does not know (emulation.setMediaFeaturesOverride).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright, firefox as playwrightFirefox } from 'playwright-core';
import { chromium, firefox } from './paths.mjs';
import { patienceMs } from './patience.mjs';

export const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browsers' own reports of a refused connection; expected while the server is stopped. */
const refused =
  /net::ERR_CONNECTION_REFUSED|WebSocket connection to .* failed|can.t establish a connection|was interrupted while the page was loading|Loading failed for|NetworkError/;

export class Profile {
  complaints = [];

  static async open(options = {}) {
    const profile = new Profile();
    profile.folder = mkdtempSync(join(tmpdir(), 'twinstore-profile-'));
    profile.context = await playwright.launchPersistentContext(profile.folder, {
      executablePath: chromium,
      headless: true,
      args: flags,
      ignoreDefaultArgs: ['--hide-scrollbars'],
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...options,
    });
    return profile.#prepared();
  }

  /** In Firefox a profile is one of its containers, in a process of its own. */
  static async openFirefox() {
    const profile = new Profile();
    profile.folder = mkdtempSync(join(tmpdir(), 'twinstore-profile-'));
    profile.browser = await playwrightFirefox.launch({
      channel: 'moz-firefox',
      executablePath: firefox,
      headless: true,
    });
    profile.context = await profile.browser.newContext();
    return profile.#prepared();
  }

  async #prepared() {
    this.context.setDefaultTimeout(patienceMs);
    await this.context.addInitScript(rememberWorkers);
    return this;
  }

  async page(url) {
    const page = await this.context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#complain(message.text());
    });
    page.on('pageerror', (error) => this.#complain(String(error)));
    await page.goto(url);
    return page;
  }

  #complain(text) {
    if (!refused.test(text)) this.complaints.push(text);
  }

  async close() {
    await this.context.close();
    await this.browser?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Runs in each page before its own scripts: lets a test end a worker as a crash would. */
export function rememberWorkers() {
  const Real = globalThis.Worker;
  globalThis.startedWorkers = [];
  globalThis.Worker = class extends Real {
    constructor(...words) {
      super(...words);
      globalThis.startedWorkers.push(this);
    }
  };
}
