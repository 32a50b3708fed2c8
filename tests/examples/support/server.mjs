// A server over a database in a folder that goes with the test, and plain requests to it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '../../e2e/support/server.mjs';

/** A folder for the length of `story`. */
export async function inFolder(story) {
  const folder = mkdtempSync(join(tmpdir(), 'twinstore-examples-'));
  try {
    await story(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Serves FOLDER/my.db. `query` is the URL's, `schema` the text of another schema. */
export async function serve(folder, { query = '', schema } = {}) {
  const pages = join(folder, 'web');
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Nothing</title>');
  const server = new ServerProcess(`sqlite:///${join(folder, 'my.db')}${query}`, pages);
  if (schema !== undefined) {
    writeFileSync(join(folder, 'schema.json'), schema);
    server.useSchema(join(folder, 'schema.json'));
  }
  await server.start();
  return Object.assign(server, {
    /** { status, headers, body } of a request whose body, and answer, is JSON. */
    ask: async (path, { method = 'GET', body } = {}) => {
      const response = await fetch(server.url + path, {
        method,
        ...(body !== undefined && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
  });
}
