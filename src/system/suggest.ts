/**
 * Guessing what was meant by a misspelt word.
 *
 * @module
 */

/**
 * How many letters must be added, dropped, replaced or swapped with their neighbour to make `b` of `a`
 * (Damerau–Levenshtein, each place edited once).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, beforeLast[j - 2]! + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

const WORD_CHARS_MAX = 80;

/**
 * The candidate nearest to a word, or undefined when none is near enough to have been meant. Of those as
 * near, one of the same length is likelier: letters are swapped more often than left out.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const given = word.slice(0, WORD_CHARS_MAX).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(given.length * 0.4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(given, candidate.toLowerCase());
    const likelier = distance === bestDistance && candidate.length === given.length &&
      best?.length !== given.length;
    if (distance < bestDistance || (best !== undefined && likelier)) {
      [best, bestDistance] = [candidate, distance];
    }
  }
  return best;
}
