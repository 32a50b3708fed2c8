// One test's world: a folder, a database with real data, a server, and the browsers it opened.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Profile } from './browser.mjs';
import { addRow, importAll, makeRepository } from './data.mjs';
import { ServerProcess } from './server.mjs';

export class World {
  #profiles = [];
  #engine;

  constructor(engine) {
    this.#engine = engine;
  }

  static async open(engine) {
    const world = new World(engine);
    world.folder = mkdtempSync(join(tmpdir(), 'twinstore-e2e-'));
    makeRepository(join(world.folder, 'repository'));
    world.server = new ServerProcess(`sqlite:///${join(world.folder, 'code_mri.db')}`);
    world.import();
    await world.server.start();
    return world;
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
export async function inWorld(story, engine = 'chromium') {
  const world = await World.open(engine);
  try {
    await story(world);
  } finally {
    await world.close();
  }
}
