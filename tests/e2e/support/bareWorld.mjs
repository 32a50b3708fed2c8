// A server without data, and pages without a screen: for what happens to many tabs, or many times.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chromium } from './chromium.mjs';
import { repository } from './paths.mjs';
import { ServerProcess } from './server.mjs';

export async function inBareWorld(story) {
  const folder = mkdtempSync(join(tmpdir(), 'twinstore-bare-'));
  const files = join(folder, 'web');
  cpSync(repository('tests/e2e/bare'), files, { recursive: true });
  cpSync(repository('web/dist'), join(files, 'dist'), { recursive: true });
  const server = new ServerProcess(`sqlite:///${join(folder, 'bare.db')}`, files);
  const browser = new Chromium();
  try {
    await server.start();
    await browser.start();
    await story({ server, browser });
  } finally {
    await browser.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
