import { external } from './external.ts';

/** A newer version of the app that is downloaded and waits for the user's word. */
export const waitingShell = external<ServiceWorker | null>(null);

/** Keeps the app's files for visits without a network. Not in development, where files change. */
export function watchShell(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register('/sw.js')
    .then((registration) => {
      const offer = () => {
        if (navigator.serviceWorker.controller) waitingShell.set(registration.waiting);
      };
      offer();
      registration.addEventListener('updatefound', () => {
        registration.installing?.addEventListener('statechange', offer);
      });
    })
    .catch((reason) => console.warn('The page will not open without a network:', reason));
}

/** Puts the waiting version in place and loads it. */
export function takeWaitingShell(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload());
  waitingShell.get()?.postMessage('take over');
}
