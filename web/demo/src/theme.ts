import { external, kept } from './external.ts';

export type Theme = 'system' | 'light' | 'dark';
const keptAs = 'twinstore-theme';
const order: readonly Theme[] = ['system', 'light', 'dark'];

function read(): Theme {
  const found = kept.read(keptAs);
  return found === 'light' || found === 'dark' ? found : 'system';
}

const chosen = external<Theme>(read());

export const theme = {
  ...chosen,
  next: () => {
    const value = order[(order.indexOf(chosen.get()) + 1) % order.length] ?? 'system';
    if (value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
    kept.write(keptAs, value === 'system' ? null : value);
    chosen.set(value);
  },
};
