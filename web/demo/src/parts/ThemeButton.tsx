import { useSyncExternalStore } from 'react';
import { type Theme, theme } from '../theme.ts';

const shapes: Record<Theme, string> = {
  system: 'M2 3.5h12v7.5H2ZM6 14h4',
  light:
    'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3.05 3.05l1.1 1.1M11.85 11.85l1.1 1.1M3.05 12.95l1.1-1.1M11.85 4.15l1.1-1.1',
  dark: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3',
};
const names: Record<Theme, string> = { system: "the system's", light: 'light', dark: 'dark' };

export function ThemeButton() {
  const chosen = useSyncExternalStore(theme.subscribe, theme.get);
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Colours: ${names[chosen]}. Change`}
      title={`Colours: ${names[chosen]}`}
      onClick={theme.next}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[chosen]} />
      </svg>
    </button>
  );
}
