// The real server on a free port, with a database in a temporary folder. It is stopped the hard
// way, as a crash would, and started again on the same port.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { repository } from './paths.mjs';

export const binary = repository('build/native-release/bin/twinstore');
const app = repository('web/demo/dist');

export class ServerProcess {
  #child = null;
  #port = 0;
  #words = [];
  log = '';
  constructor(database, files = app) {
    this.database = database;
    this.files = files;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Serves with another schema than the shipped one, from the next start on. */
  useSchema(file) {
    this.#words.push('--schema', file);
  }

  /** Refreshes repositories as this file of settings says, from the next start on. */
  useRefresh(file) {
    this.#words.push('--refresh', file);
  }

  /** Asks for the tokens of this file, from the next start on. */
  useTokens(file) {
    this.#words.push('--auth-tokens', file);
  }

  async start() {
    const words = ['serve', '--listen', `127.0.0.1:${this.#port}`, '--db', this.database];
    const child = spawn(binary, ['--log-level', 'warn', ...words, '--web', this.files, ...this.#words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (text) => {
      this.log += text;
    });
    const ended = new Promise((_, fail) => {
      child.once('exit', () => fail(new Error(`the server ended: ${this.log}`)));
    });
    ended.catch(() => undefined);
    const listening = (async () => {
      for await (const line of createInterface({ input: child.stdout })) {
        const url = line.match(/^listening on (http\S+)/);
        if (url) return url[1];
      }
    })();
    const url = await Promise.race([listening, ended]);
    this.#port = Number(new URL(url).port);
    return this;
  }

  /** SIGKILL, as a crash; SIGTERM drains. */
  async stop(signal = 'SIGKILL') {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  /** Every row of `scope` as the server has it: { collection: [{ field: value }] }. */
  async rows(scope) {
    const rows = {};
    let cursor = '';
    for (;;) {
      const page = await this.#pull(scope, cursor);
      for (const { collection, columns, rows: values } of page.blocks) {
        rows[collection] ??= [];
        for (const [, , , ...row] of values) {
          rows[collection].push(Object.fromEntries(columns.map((name, at) => [name, row[at]])));
        }
      }
      if (page.checkpoint) return rows;
      cursor = page.cursor;
    }
  }

  async #pull(scope, cursor) {
    const hello = { protocol: 1, schema: 'code_mri', schema_version: 1 };
    const message = { type: 'pull', ...hello, client_id: 'e2e0000000000000', scope, cursor };
    const response = await fetch(`${this.url}/sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...message, rows_max: 0 }),
    });
    const answer = await response.json();
    if (answer.type !== 'pulled') throw new Error(`the server said ${JSON.stringify(answer)}`);
    return answer;
  }
}
