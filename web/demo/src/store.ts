import { createStore } from 'twinstore';

/**
 * One store for the whole app; the server that serves the page is the one it is level with. The
 * offline switch starts the exchange, so that nothing is sent before the user's choice is known.
 */
export const store = createStore({ name: 'code-mri', sync: { url: '/', autoStart: false } });
