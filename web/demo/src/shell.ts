import { registerOfflineShell } from 'twinstore/sw';

/** Keeps the app's files for visits without a network. Not in development, where files change. */
export const shell = import.meta.env.PROD ? registerOfflineShell() : undefined;
