/** A line of two texts that are compared. */
export interface DiffLine {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
}

/** Most pairs of lines that are weighed. Beyond, what differs is shown as one piece instead of making the reader wait. */
const mostPairs = 4_000_000;

/** Compares texts line by line, with as few differences as there can be (the longest common subsequence). */
export function diffLines(one: readonly string[], other: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < Math.min(one.length, other.length) && one[start] === other[start]) start += 1;
  let end = 0;
  while (
    end < Math.min(one.length, other.length) - start &&
    one[one.length - 1 - end] === other[other.length - 1 - end]
  )
    end += 1;
  const same = (text: string): DiffLine => ({ kind: "same", text });
  return [
    ...one.slice(0, start).map(same),
    ...differing(one.slice(start, one.length - end), other.slice(start, other.length - end)),
    ...one.slice(one.length - end).map(same),
  ];
}

function differing(one: readonly string[], other: readonly string[]): DiffLine[] {
  if (one.length * other.length > mostPairs) {
    return [
      ...one.map((text): DiffLine => ({ kind: "removed", text })),
      ...other.map((text): DiffLine => ({ kind: "added", text })),
    ];
  }
  // Length of the longest common subsequence of what is left of both, by position.
  const width = other.length + 1;
  const lengths = new Uint32Array((one.length + 1) * width);
  const lengthAt = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = one.length - 1; row >= 0; row -= 1) {
    for (let column = other.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        one[row] === other[column]
          ? lengthAt(row + 1, column + 1) + 1
          : Math.max(lengthAt(row + 1, column), lengthAt(row, column + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < one.length || column < other.length) {
    if (row < one.length && column < other.length && one[row] === other[column]) {
      lines.push({ kind: "same", text: one[row] ?? "" });
      row += 1;
      column += 1;
    } else if (
      column >= other.length ||
      (row < one.length && lengthAt(row + 1, column) >= lengthAt(row, column + 1))
    ) {
      lines.push({ kind: "removed", text: one[row] ?? "" });
      row += 1;
    } else {
      lines.push({ kind: "added", text: other[column] ?? "" });
      column += 1;
    }
  }
  return lines;
}
