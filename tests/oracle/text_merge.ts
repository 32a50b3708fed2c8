// The rule `text` of docs/sync.md: line by line, without a collision all hunks of both sides.
interface Hunk {
  begin: number; // of base, in lines
  end: number;
  lines: string[];
}

const LINES_MAX = 1000;

export function mergeText(
  base: string,
  local: string,
  remote: string,
  localIsLater: boolean,
): { value: string; lost: boolean } {
  const lines = splitLines(base);
  const ours = hunksOf(lines, splitLines(local));
  const theirs = hunksOf(lines, splitLines(remote));
  const alone = theirs.filter((b) => !ours.some((a) => isSame(a, b)));
  for (const a of ours) {
    if (theirs.some((b) => isSame(a, b))) continue;
    if (alone.some((b) => a.begin <= b.end && b.begin <= a.end)) {
      return localIsLater ? { value: local, lost: false } : { value: remote, lost: true };
    }
  }
  return { value: apply(lines, [...ours, ...alone]), lost: false };
}

export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function isSame(a: Hunk, b: Hunk): boolean {
  return a.begin === b.begin && a.end === b.end && a.lines.join('') === b.lines.join('');
}

function apply(base: string[], hunks: Hunk[]): string {
  const out: string[] = [];
  let at = 0;
  for (const hunk of hunks.sort((a, b) => a.begin - b.begin)) {
    out.push(...base.slice(at, hunk.begin), ...hunk.lines);
    at = hunk.end;
  }
  return [...out, ...base.slice(at)].join('');
}

export function hunksOf(base: string[], side: string[]): Hunk[] {
  let head = 0;
  while (head < base.length && head < side.length && base[head] === side[head]) head++;
  let tail = 0;
  const rest = Math.min(base.length, side.length) - head;
  while (tail < rest && base[base.length - 1 - tail] === side[side.length - 1 - tail]) tail++;
  const a = base.slice(head, base.length - tail);
  const b = side.slice(head, side.length - tail);
  if (a.length === 0 && b.length === 0) return [];
  if (a.length > LINES_MAX || b.length > LINES_MAX) {
    return [{ begin: head, end: head + a.length, lines: b }];
  }
  return align(a, b).map((h) => ({ ...h, begin: h.begin + head, end: h.end + head }));
}

// common[i][j]: the length of the longest common subsequence of the rests from i and j.
function commonLengths(a: string[], b: string[]): Uint16Array[] {
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = common[i] as Uint16Array;
    const below = common[i + 1] as Uint16Array;
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] =
        a[i] === b[j]
          ? (below[j + 1] as number) + 1
          : Math.max(below[j] as number, row[j + 1] as number);
    }
  }
  return common;
}

function align(a: string[], b: string[]): Hunk[] {
  const common = commonLengths(a, b);
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const hunks: Hunk[] = [];
  let open: Hunk | undefined;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      open = undefined;
      i++;
      j++;
      continue;
    }
    if (open === undefined) {
      open = { begin: i, end: i, lines: [] };
      hunks.push(open);
    }
    const drops = j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1));
    if (drops) open.end = ++i;
    else open.lines.push(b[j++] as string);
  }
  return hunks;
}
