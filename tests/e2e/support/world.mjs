// One test's world: a folder, a database with real data, a server, and the browsers it opened.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Profile } from './browser.mjs';
import { addRow, importAll, makeRepository, repoId } from './data.mjs';
import { ServerProcess } from './server.mjs';

export class World {
  #profiles = [];
  #engine;

  constructor(engine) {
    this.#engine = engine;
  }

  /**
   * `engine`: what its profiles run in. `refresh`: what the server's settings of refreshing say,
   * but for its one git source.
   */
  static async open({ engine = 'chromium', refresh } = {}) {
    const world = new World(engine);
    world.folder = mkdtempSync(join(tmpdir(), 'twinstore-e2e-'));
    makeRepository(world.repository);
    world.server = new ServerProcess(`sqlite:///${join(world.folder, 'code_mri.db')}`);
    if (refresh !== undefined) world.#refresh(refresh);
    world.import();
    await world.server.start();
    return world;
  }

  get repository() {
    return join(this.folder, 'repository');
  }

  #refresh(settings) {
    const file = join(this.folder, 'refresh.json');
    const sources = [{ repositories: [repoId], git: { path: this.repository } }];
    writeFileSync(file, JSON.stringify({ ...settings, sources }));
    this.server.useRefresh(file);
  }

  import() {
    return importAll(this.folder, this.server.database);
  }

  /** One more row, imported while the database is not served. */
  add(collection, row) {
    addRow(this.folder, this.server.database, collection, row);
  }

  async profile(options) {
    const profile =
      this.#engine === 'firefox' ? await Profile.openFirefox() : await Profile.open(options);
    this.#profiles.push(profile);
    return profile;
  }

  get complaints() {
    return this.#profiles.flatMap((profile) => profile.complaints);
  }

  async close() {
    for (const profile of this.#profiles) await profile.close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A world for the length of `story`, ended also when the story fails. */
export async function inWorld(story, options) {
  const world = await World.open(options);
  try {
    await story(world);
  } finally {
    await world.close();
  }
}
