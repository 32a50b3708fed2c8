// Every component in every state, over engines that run in the page: axe, and no sideways scroll.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './support/axe.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const worlds = 8;

async function galleryOf(world, options) {
  const page = await (await world.profile(options)).page(`${world.server.url}/gallery`);
  const ready = page.locator('[data-world="ready"]');
  await ready.nth(worlds - 1).waitFor();
  await page.getByText('Score rose from').waitFor();
  await page.getByText('3 conflicts need you', { exact: true }).waitFor();
  await page.getByText('1 write was refused', { exact: true }).waitFor();
  const broken = page.getByRole('region', { name: 'When it cannot be opened' });
  for (const words of ['The branches could not be looked at', 'The values could not be read']) {
    await broken.getByText(words).waitFor();
  }
  const outbox = page.getByRole('region', { name: 'Writes that wait' });
  await outbox.getByText('4 go through, as far as this device knows').waitFor();
  await outbox.getByRole('button', { name: 'Look at the server first' }).click();
  await outbox.getByText('1 will merge, 1 goes through, 1 gives way to a later edit, 1 needs you').waitFor();
  return page;
}

for (const colorScheme of ['light', 'dark']) {
  test(`every component in every state is accessible, ${colorScheme}`, { skip: missing }, () =>
    inWorld(async (world) => {
      const page = await galleryOf(world, { colorScheme });
      assert.deepEqual(await violations(page), []);
      for (const state of ['fresh', 'aging', 'stale', 'unknown']) {
        await page.locator(`.twin-freshness[data-state="${state}"]`).first().waitFor();
      }
      for (const tone of ['good', 'away', 'wrong']) {
        await page.locator(`.twin-sync[data-tone="${tone}"]`).first().waitFor();
      }
      assert.deepEqual(world.complaints, []);
    }));
}

// 320 px is a page of 1280 px at 400 % zoom (WCAG 1.4.10).
for (const width of [360, 320]) {
  test(`the gallery fits at ${width} px`, { skip: missing }, () =>
    inWorld(async (world) => {
      const page = await galleryOf(world, { viewport: { width, height: 780 } });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(overflow <= 0, `it scrolls sideways by ${overflow} px`);
    }));
}

test('a conflict is decided with the keyboard alone, and the focus stays in it', {
  skip: missing,
}, () =>
  inWorld(async (world) => {
    const page = await galleryOf(world);
    const inbox = page.getByRole('region', { name: 'Conflicts', exact: true });
    const entry = inbox.getByRole('button', { name: /^sets in twin\/star/ });
    await entry.focus();
    await page.keyboard.press('Enter');
    const tags = inbox.getByRole('group', { name: 'Tags' });
    await tags.waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Choose all: mine');
    await page.keyboard.press('Enter');
    assert.ok(await tags.getByRole('radio', { name: 'Mine' }).isChecked());
    await tags.getByRole('radio', { name: 'Mine' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.ok(await tags.getByRole('radio', { name: 'Theirs' }).isChecked());
    while ((await focused()) !== 'Save the result') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await inbox.getByText('Resolved: theirs.').waitFor();
    assert.match(await focused(), /^\s*Resolved: theirs\./);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Undo');
    assert.deepEqual(world.complaints, []);
  }));
