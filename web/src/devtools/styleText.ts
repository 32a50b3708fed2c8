/** The panel's own style sheet: nothing of the page's reaches into its shadow tree. */
export const styleText = `
:host { all: initial; color-scheme: inherit; }
* { box-sizing: border-box; font: inherit; color: inherit; }
.opener, .panel {
  --ground: light-dark(#fff, #14171d);
  --sunken: light-dark(#f3f4f7, #0c0e12);
  --line: light-dark(#d5dae2, #333b48);
  --text: light-dark(#171a21, #e7eaf0);
  --muted: light-dark(#566071, #9ba5b4);
  --accent: light-dark(#2f4fd0, #93abff);
  --good: light-dark(#0b7550, #63d2a4);
  --away: light-dark(#8a5300, #f2bb66);
  --wrong: light-dark(#b3261e, #ff9d94);
  position: fixed;
  z-index: 2147483000;
  color: var(--text);
  background: var(--ground);
  border: 1px solid var(--line);
  font: 13px/1.45 system-ui, sans-serif;
}
.opener { inset: auto auto 12px 12px; padding: 6px 12px; border-radius: 99px; cursor: pointer; }
.panel {
  inset: auto 0 0;
  display: flex;
  flex-direction: column;
  height: min(24rem, 60dvh);
  border-width: 1px 0 0;
  box-shadow: 0 -8px 24px rgb(0 0 0 / 18%);
}
header {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 8px;
  padding: 6px 12px;
  border-bottom: 1px solid var(--line);
  background: var(--sunken);
}
.tabs { display: flex; flex: 1; gap: 2px; overflow-x: auto; }
.state { color: var(--muted); }
button, select, textarea {
  padding: 3px 9px;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--ground);
}
button { cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--accent); color: var(--accent); }
button:disabled { color: var(--muted); cursor: default; }
[role=tab] { border-color: transparent; background: none; }
[role=tab][aria-selected=true] { border-color: var(--accent); color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.body { flex: 1; min-height: 0; padding: 10px 12px; overflow: auto; }
textarea { width: 100%; font-family: ui-monospace, monospace; resize: vertical; }
.scroller { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; }
table { width: 100%; border-collapse: collapse; font-size: 12px; }
th, td {
  max-width: 26rem;
  padding: 3px 8px;
  border-bottom: 1px solid var(--line);
  overflow: hidden;
  text-align: start;
  text-overflow: ellipsis;
  white-space: nowrap;
}
th { color: var(--muted); font-weight: 600; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
.field { display: inline-flex; align-items: center; gap: 6px; margin: 0 10px 8px 0; color: var(--muted); }
.field select { max-width: 18rem; color: var(--text); }
.simulation { margin: 0 0 10px; padding: 6px 10px; border: 1px solid var(--line); border-radius: 6px; }
.words, .empty { margin: 4px 0; color: var(--muted); }
.wrong, [data-tone=wrong] { color: var(--wrong); }
[data-tone=good] { color: var(--good); }
[data-tone=away] { color: var(--away); }
.pair { display: flex; gap: 4px; }
.log { margin: 0; padding: 0; list-style: none; }
.log time { margin-inline-end: 10px; color: var(--muted); font-variant-numeric: tabular-nums; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 6px 16px; margin: 0 0 10px; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (forced-colors: active) {
  [role=tab][aria-selected=true] { outline: 2px solid Highlight; }
}
`;
