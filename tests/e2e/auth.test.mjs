// Users and their tokens: a real server that asks for them, real Chromium, and what each keeps.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Profile } from './support/browser.mjs';
import { missing, repository } from './support/paths.mjs';
import { binary, ServerProcess } from './support/server.mjs';

const page = `<!doctype html><html lang="en"><title>tokens</title><link rel="icon" href="/icon.svg">
<script type="module" src="/main.js"></script></html>`;
// One store at a time; what getToken gives is set by the test.
const main = `import { createStore } from './package/client/index.js';
globalThis.asked = [];
globalThis.signIn = (user, token, name = 'app') => {
  globalThis.token = token;
  globalThis.store = createStore({ name, user, sync: { url: '/', getToken: ({ isRefused }) => {
    globalThis.asked.push(isRefused);
    if (globalThis.token === null) throw new Error('signed out');
    return globalThis.token;
  } } });
  return globalThis.store.ready().then(() => undefined);
};`;

class AuthWorld {
  static async open() {
    const world = new AuthWorld();
    world.folder = mkdtempSync(join(tmpdir(), 'twinstore-auth-'));
    world.tokens = join(world.folder, 'tokens.json');
    const site = join(world.folder, 'site');
    mkdirSync(site);
    cpSync(repository('web/dist'), join(site, 'package'), { recursive: true });
    writeFileSync(join(site, 'index.html'), page);
    writeFileSync(join(site, 'main.js'), main);
    writeFileSync(join(site, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    world.ada = world.token('create', 'ada', '--role', 'writer');
    world.bob = world.token('create', 'bob', '--role', 'writer');
    world.server = new ServerProcess(`sqlite:///${join(world.folder, 'x.db')}`, site);
    world.server.useTokens(world.tokens);
    await world.server.start();
    world.profile = await Profile.open();
    world.page = await world.profile.page(world.server.url);
    await world.page.waitForFunction(() => globalThis.signIn !== undefined);
    return world;
  }

  /** What \`twinstore token\` prints. */
  token(...words) {
    const all = ['token', '--tokens', this.tokens, ...words];
    return execFileSync(binary, all, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  }

  revoke(token) {
    this.token('revoke', token.slice(4, 12));
  }

  signIn(user, token, on = this.page) {
    return on.evaluate(([name, text]) => globalThis.signIn(name, text), [user, token]);
  }

  write(name, on = this.page) {
    return on.evaluate(
      (key) => globalThis.store.table('branches').insert({ repo_id: 'r', name: key, tags: [] }),
      name,
    );
  }

  state(state, on = this.page) {
    return on.waitForFunction(
      (wanted) => globalThis.store.sync.status.getSnapshot().data?.state === wanted,
      state,
    );
  }

  names(on = this.page) {
    return on.evaluate(async () =>
      (await globalThis.store.sql`SELECT name FROM branches ORDER BY name`).map((row) => row.name),
    );
  }

  /** As the server has them, by ada's token. */
  async stored() {
    const response = await fetch(`${this.server.url}/persistence/branches/r`, {
      headers: { authorization: `Bearer ${this.bob}` },
    });
    const { branches = [] } = await response.json();
    return branches.map((row) => row.name).sort();
  }

  folders() {
    return this.page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle('twinstore');
      return (await Array.fromAsync(folder.keys())).sort();
    });
  }

  async close() {
    await this.profile?.close();
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function inAuthWorld(story) {
  const world = await AuthWorld.open();
  try {
    await story(world);
  } finally {
    await world.close();
  }
}

test('without a valid token writes wait here, and go up with one', { skip: missing }, () =>
  inAuthWorld(async (world) => {
    await world.signIn('ada', 'tws_wrong');
    await world.state('auth-required');
    await world.write('while signed out');
    assert.deepEqual(await world.names(), ['while signed out']);
    await world.page.evaluate(async (token) => {
      globalThis.token = token;
      await globalThis.store.sync.now();
    }, world.ada);
    await world.state('idle');
    assert.deepEqual(await world.stored(), ['while signed out']);
  }));

test('a token that is withdrawn ends the exchange within seconds, and another one resumes it', {
  skip: missing,
}, () =>
  inAuthWorld(async (world) => {
    await world.signIn('ada', world.ada);
    await world.state('idle');
    await world.page.evaluate(() => {
      globalThis.asked = [];
    });
    const next = world.token('create', 'ada', '--role', 'writer');
    world.revoke(world.ada);
    await world.page.waitForFunction(() => globalThis.asked.includes(true));
    await world.write('offline');
    await world.page.evaluate(async (token) => {
      globalThis.token = token;
      await globalThis.store.sync.now().catch(() => undefined);
      await globalThis.store.sync.now();
    }, next);
    await world.state('idle');
    assert.deepEqual(await world.stored(), ['offline']);
  }));

test('what one user wrote is never sent with another user\'s token', { skip: missing }, () =>
  inAuthWorld(async (world) => {
    await world.signIn('ada', null);
    await world.state('auth-required');
    await world.write('of ada');
    await world.page.evaluate(() => globalThis.store.close());
    await world.signIn('bob', world.bob);
    await world.state('idle');
    await world.write('of bob');
    await world.page.evaluate(() => globalThis.store.sync.now());
    await world.state('idle');
    assert.deepEqual(await world.names(), ['of bob']);
    assert.deepEqual(await world.stored(), ['of bob']);
    assert.deepEqual(await world.folders(), ['app@ada', 'app@bob']);
    await world.page.evaluate(() => globalThis.store.close());
    await world.signIn('ada', world.ada);
    await world.state('idle');
    await world.page.evaluate(() => globalThis.store.sync.now());
    assert.deepEqual(await world.stored(), ['of ada', 'of bob']);
  }));

test('a store that two users share pushes for the one who began, and says so to the other', {
  skip: missing,
}, () =>
  inAuthWorld(async (world) => {
    await world.signIn(undefined, world.ada);
    await world.write('of ada');
    await world.page.evaluate(() => globalThis.store.sync.now());
    await world.state('idle');
    await world.page.evaluate(() => globalThis.store.close());
    await world.signIn(undefined, world.bob);
    await world.write('with the token of bob');
    await world.state('auth-required');
    const code = await world.page.evaluate(() => {
      const { status } = globalThis.store.sync;
      return status.getSnapshot().data?.waiting?.code;
    });
    assert.equal(code, 'FORBIDDEN');
    assert.deepEqual(await world.stored(), ['of ada']);
  }));

test('the token is in no file, no log and no address', { skip: missing }, () =>
  inAuthWorld(async (world) => {
    const addresses = [];
    world.profile.context.on('request', (request) => addresses.push(request.url()));
    await world.signIn('ada', world.ada);
    await world.state('idle');
    await world.write('a');
    await world.page.evaluate(() => globalThis.store.sync.now());
    const secret = world.ada.slice(13);
    assert.ok(addresses.some((address) => address.endsWith('/sync')));
    assert.ok(!addresses.some((address) => address.includes(secret)));
    assert.ok(!world.server.log.includes(secret));
    assert.ok(!readFileSync(world.tokens, 'utf8').includes(secret));
    const kept = await world.page.evaluate(() => [
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
      document.cookie,
    ]);
    assert.ok(!kept.join().includes(secret));
  }));
