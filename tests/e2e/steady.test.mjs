// A page that stands still: local rows first, nothing that moves under the reader, and every way of
// looking at it: 200 % zoom, forced colours, reduced motion, the keyboard.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { violations } from './support/axe.mjs';
import { openScreen, overflowOf, screens } from './support/screens.mjs';
import { upToDate, waitForWords } from './support/page.mjs';
import { missing } from './support/paths.mjs';
import { inWorld } from './support/world.mjs';

const openings = process.env.TWINSTORE_LONG === '1' ? 31 : 9;

/** A fifth of what counts as good (web.dev/cls): a word that grows, a line of a log. */
const shiftMax = 0.02;
const shiftOf = ({ shifts }) => shifts.reduce((sum, { value }) => sum + value, 0);
const whatShifted = ({ shifts }) => shifts.map(({ value, names }) => `${names} by ${value.toFixed(4)}`).join('; ');

/** Notes when the first row is in the page and painted, and each shift of what was there. */
function watch() {
  globalThis.seen = { rowsMs: null, shifts: [] };
  const observer = new MutationObserver(() => {
    if (document.querySelector('tbody tr') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => {
      globalThis.seen.rowsMs = performance.now();
    }));
  });
  observer.observe(document, { childList: true, subtree: true });
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      const names = sources.map(({ node }) => node?.className || node?.nodeName).join(', ');
      globalThis.seen.shifts.push({ value, names });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

test('a page that was here before shows its rows first, and nothing shifts', { skip: missing }, () =>
  inWorld(async (world) => {
    const profile = await world.profile();
    const page = await profile.page(world.server.url);
    await waitForWords(page, upToDate);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await page.addInitScript(watch);
    const times = [];
    for (let turn = 0; turn < openings; turn += 1) {
      await page.reload();
      await page.waitForFunction(() => globalThis.seen.rowsMs !== null);
      await waitForWords(page, upToDate);
      const seen = await page.evaluate(() => globalThis.seen);
      assert.ok(shiftOf(seen) <= shiftMax, whatShifted(seen));
      times.push(seen.rowsMs);
    }
    times.sort((a, b) => a - b);
    const [first, median, last] = [0, times.length >> 1, times.length - 1].map((at) => Math.round(times[at]));
    console.log(`first rows, warm: median ${median} ms of ${openings} (${first} to ${last})`);

    // The rows are there without the server, too: they never waited for it.
    await world.server.stop();
    await page.reload();
    await page.waitForFunction(() => globalThis.seen.rowsMs !== null);
    assert.deepEqual(world.complaints, []);
  }));

const fits = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth;

test('no screen shifts while it fills, and each fits at 200 % zoom and at 360 px', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    await waitForWords(page, upToDate);
    await page.addInitScript(watch);
    const moved = [];
    // The playground tells a story, in which things move on purpose.
    for (const name of Object.keys(screens).filter((screen) => screen !== 'playground')) {
      await page.setViewportSize({ width: 1280, height: 800 });
      await openScreen(page, world.server.url, name);
      const seen = await page.evaluate(() => globalThis.seen);
      console.log(`${name}: shifted by ${shiftOf(seen).toFixed(4)} ${whatShifted(seen)}`);
      if (shiftOf(seen) > shiftMax) moved.push(name);
      // A page of 1280 px at 200 % has 640.
      for (const width of [640, 360]) {
        await page.setViewportSize({ width, height: 640 });
        // A chart follows the page's width a frame later.
        await page.waitForFunction(fits).catch(async () => {
          assert.ok((await overflowOf(page)) <= 0, `${name} scrolls sideways at ${width} px`);
        });
      }
    }
    assert.deepEqual(moved, []);
  }));

test('with forced colours what is chosen can still be seen', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile({ forcedColors: 'active' })).page(world.server.url);
    await waitForWords(page, upToDate);
    assert.ok(await page.evaluate(() => matchMedia('(forced-colors: active)').matches));
    assert.deepEqual(await violations(page), []);
    const links = page.getByRole('navigation').getByRole('link');
    const looks = (locator) =>
      locator.evaluate((node) => {
        const { color, backgroundColor, outlineStyle } = getComputedStyle(node);
        return [color, backgroundColor, outlineStyle].join();
      });
    assert.notEqual(await looks(links.nth(0)), await looks(links.nth(1)), 'the current page');
    const offline = page.getByRole('switch');
    const before = await offline.screenshot();
    await offline.click();
    await waitForWords(page, 'Offline');
    await page.mouse.move(0, 400);
    await page.evaluate(() => document.activeElement.blur());
    assert.ok(!before.equals(await offline.screenshot()), 'the switch');
  }));

test('whoever asks for less motion gets none', { skip: missing }, () =>
  inWorld(async (world) => {
    const moving = (page) =>
      page.evaluate(() => [...document.querySelectorAll('*')].filter((node) => {
        const { transitionDuration, animationIterationCount, animationName } = getComputedStyle(node);
        return parseFloat(transitionDuration) > 0 || (animationName !== 'none' && animationIterationCount === 'infinite');
      }).length);
    const open = async (reducedMotion) => {
      const page = await (await world.profile({ reducedMotion })).page(world.server.url);
      await waitForWords(page, upToDate);
      return moving(page);
    };
    assert.ok((await open('no-preference')) > 0, 'the app does move for others');
    assert.equal(await open('reduce'), 0);
  }));

test('every stop of the Tab key is seen, and all of the head is reached', { skip: missing }, () =>
  inWorld(async (world) => {
    const page = await (await world.profile()).page(world.server.url);
    for (const name of ['repositories', 'branch', 'status', 'console']) {
      await openScreen(page, world.server.url, name);
      await page.evaluate(() => document.activeElement?.blur());
      const reached = [];
      for (let stop = 0; stop < 24; stop += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
          const node = document.activeElement;
          if (node === null || node === document.body) return null;
          const shown = node.closest('label') ?? node;
          // A link that is as large as its row has its ring there: on its ::after.
          const parts = [shown, ...shown.querySelectorAll('*')].map((part) => getComputedStyle(part));
          const ring = [...parts, getComputedStyle(node, '::after')].some(
            ({ outlineStyle, outlineWidth }) => outlineStyle !== 'none' && parseFloat(outlineWidth) > 0,
          );
          const { top, bottom, width } = shown.getBoundingClientRect();
          const isInView = bottom > 0 && top < innerHeight && width > 0;
          return { words: node.ariaLabel ?? node.textContent ?? '', role: node.role, ring, isInView };
        });
        if (at === null) break;
        assert.ok(at.ring && at.isInView, `${name}: ${JSON.stringify(at)}`);
        reached.push(at.words.trim());
      }
      for (const words of ['Stale', 'Conflicts', 'Sync', 'Playground', 'SQL']) {
        assert.ok(reached.some((text) => text.startsWith(words)), `${name}: ${words} of ${reached}`);
      }
    }
  }));
