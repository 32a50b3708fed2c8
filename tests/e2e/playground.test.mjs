// The playground's story under each policy: what its words promise is what the engines hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const ada = 'Keeps what people write, at once.\nNothing waits for a network.\nWorks on a train.';
const ben = 'Keeps what people write.\nNothing waits for a network.\nWorks on a train, and in the tunnel.';
const both = `${ada.slice(0, -1)}, and in the tunnel.`;

/** What is on each device, and what the words below say. */
async function outcomeOf(page, policy) {
  await page.getByRole('group', { name: 'When two edits' }).getByRole('radio', { name: policy }).check();
  const heading = page.getByRole('heading', { name: 'What became of it' });
  const again = page.getByRole('button', { name: 'Start again' });
  await again.waitFor();
  await heading.waitFor();
  const device = async (name) => {
    const region = page.getByRole('region', { name: `${name}'s device` });
    return [
      await region.getByLabel('Description').inputValue(),
      await region.getByLabel('Topics').inputValue(),
    ];
  };
  return { ada: await device('Ada'), ben: await device('Ben'), verdict: await page.locator('.verdict').textContent() };
}

test('two edits that meet end as each policy says, on both devices', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(`${world.server.url}/playground`);
    await page.getByRole('button', { name: 'Show me a conflict' }).click();

    const latest = await outcomeOf(page, 'Latest wins');
    assert.deepEqual(latest.ada, [ben, 'offline, small']);
    assert.deepEqual(latest.ben, latest.ada);
    assert.match(latest.verdict, /The later edit took/);
    await page.getByRole('button', { name: 'Choose all: theirs' }).waitFor();

    const merged = await outcomeOf(page, 'Merge');
    assert.deepEqual(merged.ada, [both, 'fast, offline, small']);
    assert.deepEqual(merged.ben, merged.ada);
    assert.match(merged.verdict, /^Merged/);

    const manual = await outcomeOf(page, 'Manual');
    assert.deepEqual(manual.ada, [ada, 'fast, offline'], 'nothing is overwritten');
    assert.deepEqual(manual.ben, manual.ada);
    assert.match(manual.verdict, /A person decides/);
    await page.getByRole('button', { name: 'Save the result' }).click();
    await page.getByText('Decided. Both devices and the server hold the same.').waitFor();
    await page.waitForFunction(
      (wanted) => [...document.querySelectorAll('.device textarea')].every(({ value }) => value === wanted),
      both,
    );
    assert.deepEqual(world.complaints, []);
  }));

test('devices can be played with by hand, as often as one likes', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(`${world.server.url}/playground?policy=MERGE`);
    const device = (name) => page.getByRole('region', { name: `${name}'s device` });
    const write = async (name, topics) => {
      await device(name).getByLabel('Topics').fill(topics);
      await device(name).getByRole('button', { name: `Save on ${name}'s device` }).click();
    };
    for (const turn of ['one', 'two']) {
      for (const name of ['Ada', 'Ben']) {
        await device(name).getByRole('switch').click();
        await device(name).getByText('Offline: nothing waits').waitFor();
        await write(name, `${turn} by ${name}`);
        await device(name).getByText('Offline: 1 change saved on this device').waitFor();
      }
      for (const name of ['Ada', 'Ben']) await device(name).getByRole('switch').click();
      await page.waitForFunction(
        (wanted) => [...document.querySelectorAll('.device input')].every(({ value }) => value === wanted),
        `${turn} by Ada, ${turn} by Ben`,
      );
      await page.locator('.outcome tbody tr', { hasText: 'Topics' }).getByText(`${turn} by Ben`).first().waitFor();
    }
    assert.deepEqual(world.complaints, []);
  }));
