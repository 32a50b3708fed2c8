// Chromium as a process of the test's own: it can be killed, and its tabs are hidden and frozen by
// the browser's rules, which a browser that playwright starts itself bends.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { flags, rememberWorkers } from './browser.mjs';
import { chromium } from './paths.mjs';
import { patienceMs } from './patience.mjs';

export class Chromium {
  #folder = mkdtempSync(join(tmpdir(), 'twinstore-chromium-'));
  #child;

  /** Starts it, for the first time or once more with the same profile. */
  async start() {
    const words = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${this.#folder}`];
    const child = spawn(chromium, [...flags, ...words, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own: killing it kills the renderers too.
      detached: true,
    });
    this.#child = child;
    process.once('exit', this.#end);
    const address = await new Promise((done, fail) => {
      let said = '';
      child.stderr.on('data', (text) => {
        said += text;
        const [, url] = said.match(/DevTools listening on (ws:\S+)/) ?? [];
        if (url) done(url);
      });
      child.once('exit', () => fail(new Error(`Chromium ended: ${said}`)));
    });
    this.browser = await playwright.connectOverCDP(address, { noDefaults: true });
    [this.context] = this.browser.contexts();
    this.context.setDefaultTimeout(patienceMs);
    await this.context.addInitScript(rememberWorkers);
    return this;
  }

  /** A tab, in front of the others; `told` hears what its page tells. */
  async tab(url, told = () => undefined) {
    const page = await this.context.newPage();
    await page.exposeFunction('told', told);
    await page.goto(url);
    await page.waitForFunction(() => globalThis.twinstore !== undefined);
    return page;
  }

  /** A tab that is in front cannot be frozen. */
  async freeze(page) {
    await this.#lifecycle(page, 'frozen');
  }

  async resume(page) {
    await this.#lifecycle(page, 'active');
  }

  async #lifecycle(page, state) {
    const session = await this.context.newCDPSession(page);
    await session.send('Page.setWebLifecycleState', { state });
    await session.detach();
  }

  /** The whole browser, at once. */
  async kill() {
    const ended = new Promise((done) => this.#child.once('exit', done));
    this.#end();
    await ended;
  }

  #end = () => {
    process.off('exit', this.#end);
    process.kill(-this.#child.pid, 'SIGKILL');
  };

  async close() {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
