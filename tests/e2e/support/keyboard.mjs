// What somebody does who has a keyboard and nothing else: goes on, or back, with the Tab key.
import assert from 'node:assert/strict';

const stopsMax = 200;

async function goOnUntil(page, isThere, key, what) {
  for (let stop = 0; stop < stopsMax; stop += 1) {
    if (await isThere()) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${key} does not reach ${what}`);
}

const hasFocus = (locator) => locator.evaluate((node) => node === document.activeElement);

async function reach(page, role, name) {
  const target = page.getByRole(role, { name, exact: true });
  await target.waitFor();
  const isBefore = await target.evaluate((node) => {
    const where = document.activeElement?.compareDocumentPosition(node) ?? 0;
    return (where & Node.DOCUMENT_POSITION_PRECEDING) !== 0;
  });
  await goOnUntil(page, () => hasFocus(target), isBefore ? 'Shift+Tab' : 'Tab', `the ${role} '${name}'`);
}

/** Presses a button. */
export async function press(page, name) {
  await reach(page, 'button', name);
  await page.keyboard.press('Enter');
}

/** Follows a link. */
export async function follow(page, name) {
  await reach(page, 'link', name);
  await page.keyboard.press('Enter');
}

/** Turns a switch. */
export async function flip(page, name) {
  await reach(page, 'switch', name);
  await page.keyboard.press('Space');
}

/** Chooses among radio buttons: the Tab key finds the group, arrow keys the choice. */
export async function choose(page, group, name) {
  const radios = page.getByRole('group', { name: group }).getByRole('radio');
  await radios.first().waitFor();
  const isInside = () => radios.evaluateAll((nodes) => nodes.includes(document.activeElement));
  await goOnUntil(page, isInside, 'Tab', group);
  const wanted = radios.and(page.getByRole('radio', { name, exact: true }));
  await goOnUntil(page, () => hasFocus(wanted), 'ArrowDown', name);
  if (!(await wanted.isChecked())) await page.keyboard.press('Space');
}
