// Built as a file of its own, with uPlot inside: loaded when the first chart is shown.
import uPlot from 'uplot';

/** Values over time, the oldest first. */
export interface TrendData {
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface TrendChart {
  readonly update: (data: TrendData) => void;
  /** Puts the cursor on a point; null takes it away. */
  readonly point: (at: number | null) => void;
  readonly destroy: () => void;
}

const height = 220;
const fill = 0.1;

/**
 * Draws into `host`, as wide as that is. Colours are the host's: its text colour for the line, its
 * caret colour for words, its border colour for the grid; they are read again when the theme
 * changes. `onPoint` hears where the pointer is.
 */
export function drawTrend(
  host: HTMLElement,
  data: TrendData,
  onPoint: (at: number | null) => void,
): TrendChart {
  const style = getComputedStyle(host);
  const words = () => style.caretColor;
  const grid = () => style.borderTopColor;
  const axis: uPlot.Axis = {
    stroke: words,
    font: `12px ${style.fontFamily}`,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
  };
  const chart = new uPlot(
    {
      width: Math.max(1, host.clientWidth),
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { y: { range: (_, low, high) => rangeOf(low, high) } },
      axes: [
        { ...axis, grid: { show: false }, space: 80, size: 28 },
        { ...axis, size: 44 },
      ],
      series: [
        {},
        {
          stroke: () => style.color,
          fill: () => withAlpha(style.color, fill),
          width: 2,
          points: { size: 6, fill: () => style.color },
        },
      ],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    },
    aligned(data),
    host,
  );
  const sizes = new ResizeObserver(() => {
    const width = host.clientWidth;
    if (width > 0 && width !== chart.width) chart.setSize({ width, height });
  });
  sizes.observe(host);
  const redraw = () => chart.redraw(false, true);
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  scheme.addEventListener('change', redraw);
  const themes = new MutationObserver(redraw);
  themes.observe(document.documentElement, { attributeFilter: ['data-theme', 'class'] });
  return {
    update: (next) => chart.setData(aligned(next)),
    point: (at) => {
      const time = at === null ? undefined : chart.data[0][at];
      const left = time === undefined ? -10 : chart.valToPos(time, 'x');
      // Without its hook: what stands at that pixel may be another point.
      chart.setCursor({ left, top: 10 }, false);
    },
    destroy: () => {
      sizes.disconnect();
      themes.disconnect();
      scheme.removeEventListener('change', redraw);
      chart.destroy();
    },
  };
}

/** uPlot counts seconds. */
function aligned({ times, values }: TrendData): uPlot.AlignedData {
  return [times.map((ms) => ms / 1000), [...values]];
}

/** A little room above and below, also for a line that never moves. */
function rangeOf(low: number | null, high: number | null): [number, number] {
  const [from, to] = [low ?? 0, high ?? 1];
  const room = (to - from) * 0.1 || Math.abs(to) * 0.05 || 1;
  return [from - room, to + room];
}

/** Computed colours are rgb() or a CSS Color 4 function; both take an alpha behind a slash. */
function withAlpha(color: string, alpha: number): string {
  const [, channels] = /^rgb\((.+)\)$/.exec(color) ?? [];
  if (channels !== undefined) return `rgba(${channels}, ${alpha})`;
  return color.replace(/\)$/, ` / ${alpha})`);
}
