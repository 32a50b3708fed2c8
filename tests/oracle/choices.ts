// Where random decisions come from: a tape of numbers. fast-check makes tapes and shrinks them; the
// comparison with the core makes them from a seed and shrinks them itself.
export class Choices {
  readonly tape: number[] = [];
  private at = 0;

  constructor(private readonly next: (at: number) => number) {}

  static from(tape: readonly number[]): Choices {
    return new Choices((at) => tape[at] ?? 0);
  }

  // splitmix32; a case is replayed by its seed.
  static seeded(seed: number): Choices {
    let state = Math.imul(seed, 0x9e3779b1) >>> 0;
    return new Choices(() => {
      state = (state + 0x9e3779b9) >>> 0;
      let z = state;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    });
  }

  // 0 to count - 1; the first is what a shrunk case takes.
  below(count: number): number {
    const number = this.next(this.at++) % count;
    this.tape.push(number);
    return number;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  // True once in `count` times.
  oneIn(count: number): boolean {
    return this.below(count) === count - 1;
  }
}

// The shortest and smallest tape that still fails, by leaving out and lowering.
export async function shrink(
  tape: readonly number[],
  fails: (tape: number[]) => Promise<boolean>,
): Promise<number[]> {
  let best = [...tape];
  for (let size = best.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at + size <= best.length; ) {
      const shorter = [...best.slice(0, at), ...best.slice(at + size)];
      if (await fails(shorter)) best = shorter;
      else at += size;
    }
  }
  for (let at = 0; at < best.length; at++) {
    for (const lower of [0, 1, Math.floor((best[at] ?? 0) / 2)]) {
      if (lower >= (best[at] ?? 0)) continue;
      const changed = best.with(at, lower);
      if (await fails(changed)) best = changed;
    }
  }
  return best;
}
