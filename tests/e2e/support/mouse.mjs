// What somebody does who has a mouse: the same words as in keyboard.mjs.
const click = (page, role, name) => page.getByRole(role, { name, exact: true }).click();

/** Presses a button. */
export const press = (page, name) => click(page, 'button', name);

/** Follows a link. */
export const follow = (page, name) => click(page, 'link', name);

/** Turns a switch. */
export const flip = (page, name) => click(page, 'switch', name);

/** Chooses among radio buttons. */
export const choose = (page, group, name) =>
  page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();
