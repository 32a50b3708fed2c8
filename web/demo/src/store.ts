import { createStore } from 'twinstore';

/** One store for the whole app; the server that serves the page is the one it is level with. */
export const store = createStore({ name: 'code-mri', sync: { url: '/' } });
