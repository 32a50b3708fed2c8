// Every block of code in the documents is compiled or run: here, or by the test named here.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { repository } from '../e2e/support/paths.mjs';
import { binary, noServer } from '../package/support/project.mjs';
import { writeFiles } from '../package/support/recipe.mjs';
import { newApp, run } from '../package/support/tarball.mjs';
import { allBlocks, blocksOf } from './support/documents.mjs';
import { inFolder, serve } from './support/server.mjs';

const code = new Set(['ts', 'tsx', 'js', 'jsx', 'mjs', 'cpp', 'c', 'json', 'sql', 'html', 'sh', 'bash']);

/** Which test takes the blocks of a page, by their kind. */
const elsewhere = [
  [/^README\.md$/, 'tsx', 'tests/e2e/readme.test.mjs'],
  [/^docs\/recipes\//, 'file=', 'tests/package/recipes.test.mjs'],
  [/^docs\/quick-start\.md$/, 'file=', 'tests/examples/quick_start.test.mjs'],
  [/^docs\/cpp\.md$/, 'cpp', 'tests/examples/cpp.test.mjs'],
  [/^docs\/schema\.md$/, 'json', 'below'],
  [/^docs\/protocol\.md$/, 'json', 'below'],
  [/^docs\/freshness\.md$/, 'json', 'below'],
];
const runnable = ({ language, words }) => language === 'ts' && words === 'run';

function isTaken(block) {
  if (runnable(block) || (block.language === 'sh' && block.words === '')) return true;
  const kind = block.words.startsWith('file=') ? 'file=' : block.language;
  return elsewhere.some(([page, taken]) => page.test(block.page) && taken === kind);
}

test('there is no block of code that no test takes', () => {
  const blocks = allBlocks();
  assert.ok(blocks.length > 30, 'the documents are found');
  const lost = blocks.filter((block) => code.has(block.language) && !isTaken(block));
  assert.deepEqual(lost.map(({ page, line, language }) => `${page}:${line} ${language}`), []);
  for (const [, , file] of elsewhere) {
    if (file !== 'below') assert.ok(existsSync(repository(file)), file);
  }
});

test('each block that is run holds what it asserts', async (context) => {
  const folder = newApp('documents', 'recipe');
  const blocks = allBlocks().filter(runnable);
  const nameOf = ({ page, line }) => `${page.replace(/\W+/g, '_')}_${line}`;
  writeFiles(folder, Object.fromEntries(blocks.map((block) => [`${nameOf(block)}.ts`, block.text])));
  const emitting = ['--noEmit', 'false', '--allowImportingTsExtensions', 'false', '--outDir', 'script'];
  run('typescript/bin/tsc', ['-p', '.', ...emitting], folder);
  for (const block of blocks) {
    await context.test(`${block.page}:${block.line}`, () => {
      execFileSync(process.execPath, [`script/${nameOf(block)}.js`], { cwd: folder, stdio: 'pipe' });
    });
  }
});

/** The words of each command of a shell block; a backslash continues a line. */
const commandsOf = ({ text }) =>
  text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');

test('each command that is printed is there, with the options that are printed', { skip: noServer }, () => {
  const help = new Map();
  const helpOf = (command) => {
    if (!help.has(command)) help.set(command, execFileSync(binary, [...command.split(' '), '--help'], { encoding: 'utf8' }));
    return help.get(command);
  };
  let checked = 0;
  for (const block of allBlocks().filter(({ language }) => language === 'sh')) {
    const where = `${block.page}:${block.line}`;
    execFileSync('bash', ['-n'], { input: block.text });
    for (const line of commandsOf(block)) {
      const [program, ...words] = line.split(/\s+/);
      if (/^(\.\/)?(scripts|\.ci)\//.test(program)) {
        assert.ok(existsSync(repository(program)), `${where}: ${program}`);
        checked += 1;
      }
      if (!/(^|\/)twinstore$/.test(program)) continue;
      const command = words.slice(0, words.findIndex((word) => !/^[a-z]+$/.test(word)) >>> 0);
      const known = helpOf(command.slice(0, 1).join(' '));
      for (const option of words.filter((word) => word.startsWith('--'))) {
        const name = option.replace(/=.*/, '');
        assert.ok(`${known}${helpOf(command.join(' '))}`.includes(name), `${where}: ${line}: ${name}`);
      }
      checked += 1;
    }
  }
  assert.ok(checked >= 5, `${checked} commands`);
});

test('docs/schema.md: a server takes the schema that is printed', { skip: noServer }, () =>
  inFolder(async (folder) => {
    const [{ text }] = blocksOf('docs/schema.md').filter(({ language }) => language === 'json');
    const server = await serve(folder, { schema: text });
    try {
      const hello = { protocol: 1, schema: 'todo', schema_version: 1, client_id: '0123456789abcdef' };
      const body = { type: 'pull', ...hello, scope: 'home', cursor: '', rows_max: 0 };
      const answer = await server.ask('/sync', { method: 'POST', body });
      assert.equal(answer.body.type, 'pulled', JSON.stringify(answer.body));
    } finally {
      await server.stop();
    }
  }));

test('docs/protocol.md: a server takes the push that is printed', { skip: noServer }, () =>
  inFolder(async (folder) => {
    const [{ text }] = blocksOf('docs/protocol.md').filter(({ language }) => language === 'json');
    const server = await serve(folder);
    try {
      const answer = await server.ask('/sync', { method: 'POST', body: JSON.parse(text) });
      assert.equal(answer.body.type, 'pushed', JSON.stringify(answer.body));
    } finally {
      await server.stop();
    }
  }));

test('what the page on freshness shows as JSON is JSON', () => {
  const blocks = allBlocks().filter(({ page, language }) => page === 'docs/freshness.md' && language === 'json');
  assert.ok(blocks.length >= 3);
  for (const { line, text } of blocks) assert.doesNotThrow(() => JSON.parse(text), `line ${line}`);
});
