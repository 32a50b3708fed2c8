// Real input for a test's database: the shared repositories where they are there, and always one
// small git repository whose names try what names can hold.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository, sharedRepos } from './paths.mjs';

const binary = repository('build/native-release/bin/twinstore');

export const repoId = 'größe/🐙 octo';
export const branchNames = ['main', 'feature/🚀-rocket', 'fix/a/deep/path', 'release/%2F-50%'];

/** Runs git in a repository, as Ada at a fixed time. */
export function git(folder, ...words) {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const date = '2026-01-02T03:04:05Z';
  return execFileSync('git', [...identity, ...words], {
    cwd: folder,
    stdio: 'pipe',
    encoding: 'utf8',
    env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  });
}

export function makeRepository(folder) {
  mkdirSync(folder);
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'Begin');
  for (const name of branchNames.slice(1)) {
    git(folder, 'checkout', '-q', '-b', name);
    git(folder, 'commit', '-q', '--allow-empty', '-m', `Work on ${name} ✨`);
  }
  git(folder, 'checkout', '-q', 'main');
}

function runImport(database, ...words) {
  return execFileSync(binary, ['import', ...words, '--db', database], { stdio: 'pipe' }).toString();
}

/** Imports everything; the database must not be served. Returns what the command line said. */
export function importAll(temporary, database) {
  const git = runImport(database, 'git', join(temporary, 'repository'), '--repo-id', repoId);
  const shared = sharedRepos === undefined ? '' : runImport(database, 'jsonl', sharedRepos);
  return git + shared;
}

export function addRow(temporary, database, collection, row) {
  const folder = join(temporary, 'rows');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${collection}.jsonl`), JSON.stringify(row));
  runImport(database, 'jsonl', folder);
}

/** The shipped schema with other policies, by collection; returns its file. */
export function schemaWith(temporary, policies) {
  const schema = JSON.parse(readFileSync(repository('core/schema/code_mri.json'), 'utf8'));
  for (const [name, policy] of Object.entries(policies)) {
    schema.collections.find((collection) => collection.name === name).policy = policy;
  }
  const file = join(temporary, 'schema.json');
  writeFileSync(file, JSON.stringify(schema));
  return file;
}
