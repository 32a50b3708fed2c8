// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { ConflictInbox, ConflictResolver } from 'twinstore/ui';
import type { TestStore } from 'twinstore/testing';
import { newPeer, newStore, renderIn } from './inStore.js';

afterEach(cleanup);

const branch = {
  repo_id: 'o/r',
  name: 'main',
  commit_sha: 'c1',
  last_commit_message: 'Read the whole file before the first line is shown',
  tags: ['kept', 'old'],
};
const key = ['o/r', 'main'] as const;
const click = (name: string | RegExp) =>
  act(async () => fireEvent.click(screen.getByRole('button', { name })));
const choose = (field: string, side: string) =>
  fireEvent.click(within(screen.getByRole('group', { name: field })).getByLabelText(side));

/** `mine` is written while apart from a device that writes `theirs`. */
async function meet(
  mine: (store: TestStore) => Promise<void>,
  theirs: (store: TestStore) => Promise<void>,
  policy: 'MANUAL' | 'LATEST_WINS' = 'MANUAL',
) {
  const store = await newStore({ seed: { branches: [branch] }, policy: { branches: policy } });
  const peer = await newPeer(store);
  store.goOffline();
  await mine(store);
  await theirs(peer);
  await peer.sync.now();
  store.goOnline();
  await store.syncWith(peer);
  const [row] = await store.sql<{ id: string }>`SELECT id FROM _conflicts`;
  return { store, peer, id: row?.id ?? '' };
}

const patch = (fields: object) => (store: TestStore) => store.table('branches').patch(key, fields);
const edits = () =>
  meet(
    patch({
      last_commit_message: 'Read the whole file before any line is shown',
      tags: ['kept', 'mine'],
    }),
    patch({
      last_commit_message: 'Read half of the file before the first line is shown',
      tags: ['kept', 'old', 'theirs'],
    }),
  );

test('each field is decided on its own, and both devices agree afterwards', async () => {
  const { store, peer } = await edits();
  renderIn(store, <ConflictInbox />);
  await screen.findByText('1 conflict needs you');
  await click(/main in o\/r/);
  choose('Tags', 'Theirs');
  choose('Last commit message', 'Mine');
  await click('Save the result');
  await screen.findByText(/Resolved with a merged result/);
  await act(() => store.syncWith(peer));
  expect(await peer.table('branches').get(key)).toMatchObject({
    last_commit_message: 'Read the whole file before any line is shown',
    tags: ['kept', 'old', 'theirs'],
  });
  expect((await peer.sql`SELECT id FROM _conflicts WHERE status = 'open'`).length).toBe(0);
});

test('what each side changed in a text and in a set is marked', async () => {
  const { store, id } = await edits();
  const { container } = renderIn(store, <ConflictResolver conflictId={id} />);
  const marks = (tag: string, side: string) =>
    [...container.querySelectorAll(`[data-side="${side}"] ${tag}`)].map((mark) => mark.textContent);
  await waitFor(() => expect(marks('ins', 'local')).toContain('any'));
  expect(marks('ins', 'local')).toContain('mine');
  expect(marks('del', 'local')).toContain('old');
  expect(marks('ins', 'remote')).toContain('theirs');
});

test('a choice can be undone, and so can the decision', async () => {
  const { store, id } = await edits();
  const stored = await store.table('branches').get(key);
  renderIn(store, <ConflictResolver conflictId={id} />);
  await screen.findByRole('group', { name: 'Tags' });
  const chosen = () =>
    within(screen.getByRole('group', { name: 'Tags' })).getByLabelText<HTMLInputElement>('Mine');
  const before = chosen().checked;
  await click('Choose all: mine');
  expect(chosen().checked).toBe(true);
  await click('Undo the last choice');
  expect(chosen().checked).toBe(before);
  await click('Choose all: mine');
  await click('Save the result');
  await screen.findByText(/Resolved: mine/);
  expect((await store.table('branches').get(key))?.tags).toStrictEqual(['kept', 'mine']);
  await click('Undo');
  await waitFor(async () =>
    expect(await store.table('branches').get(key)).toMatchObject({ tags: stored?.tags }),
  );
});

test('a result can be written by hand', async () => {
  const { store, id } = await edits();
  renderIn(store, <ConflictResolver conflictId={id} />);
  await screen.findByRole('group', { name: 'Tags' });
  await click('Edit the result of Tags');
  fireEvent.change(screen.getByRole('textbox'), { target: { value: 'kept, by hand , kept' } });
  await click('Use this');
  await click('Save the result');
  await screen.findByText(/Resolved/);
  expect((await store.table('branches').get(key))?.tags).toStrictEqual(['by hand', 'kept']);
});

test('of a deleted row the whole sides are the choice', async () => {
  const { store, peer, id } = await meet(
    (mine) => mine.table('branches').delete(key),
    patch({ tags: ['still needed'] }),
  );
  renderIn(store, <ConflictResolver conflictId={id} />);
  await screen.findByText(/One side deleted this row \(mine\)/);
  await click('Delete the row');
  await screen.findByText(/Resolved: mine/);
  await act(() => store.syncWith(peer));
  expect(await peer.table('branches').get(key)).toBeNull();
  await click('Undo');
  await waitFor(async () =>
    expect(await store.table('branches').get(key)).toMatchObject({ tags: ['still needed'] }),
  );
});

test('what the policy decided is listed, and can be taken back', async () => {
  const { store } = await meet(
    patch({ tags: ['early'] }),
    patch({ tags: ['late'] }),
    'LATEST_WINS',
  );
  renderIn(store, <ConflictInbox />);
  await screen.findByText(/Nothing needs you/);
  await screen.findByText('The later edit won');
  await click(/main in o\/r/);
  await screen.findByText(/The policy decided this/);
  await click('Choose all: mine');
  await click('Save the result');
  await waitFor(async () =>
    expect((await store.table('branches').get(key))?.tags).toStrictEqual(['early']),
  );
});

test('what cannot be saved says so and stays open', async () => {
  const { store, id } = await edits();
  renderIn(store, <ConflictResolver conflictId={id} />);
  await screen.findByRole('group', { name: 'Tags' });
  store.failNext('STORAGE_FULL');
  await click('Choose all: mine');
  await click('Save the result');
  await screen.findByRole('alert');
  expect(screen.getByRole('button', { name: 'Save the result' })).toHaveProperty('disabled', false);
});
