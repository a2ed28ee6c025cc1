/**
 * Source maps that name the line of a place, and no more: an executable reads all that is in it when it starts.
 *
 * @module
 */

/** A source map, as far as it matters here (https://tc39.es/ecma426). */
export interface SourceMap {
  readonly version: 3;
  readonly sources: readonly string[];
  readonly mappings: string;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of a segment: five bits to a digit, the least first, and in the first digit the sign. */
function read(segment: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value |= (bits & 31) << shift;
    shift += 5;
    if ((bits & 32) !== 0) continue;
    numbers.push((value & 1) === 0 ? value >> 1 : -(value >> 1));
    [value, shift] = [0, 0];
  }
  return numbers;
}

function write(numbers: readonly number[]): string {
  let text = "";
  for (const number of numbers) {
    let rest = Math.abs(number) << 1 | (number < 0 ? 1 : 0);
    do {
      text += DIGITS[(rest & 31) | (rest > 31 ? 32 : 0)];
      rest >>>= 5;
    } while (rest > 0);
  }
  return text;
}

/** Leaves of a map where each line of a source begins, and the names of the sources. */
export function slimMap({ version, sources, mappings }: SourceMap): SourceMap {
  const at = [0, 0, 0];
  const kept = [0, 0, 0];
  const lines = mappings.split(";").map((line) => {
    let [column, keptColumn] = [0, 0];
    let last: string | undefined;
    return line.split(",").flatMap((segment) => {
      const [forth = 0, ...more] = read(segment);
      column += forth;
      more.slice(0, 3).forEach((number, i) => at[i]! += number);
      const place = more.length === 0 ? "" : `${at[0]}:${at[1]}`;
      if (segment === "" || place === last) return [];
      last = place;
      const step = [
        column - keptColumn,
        ...more.length === 0 ? [] : at.map((n, i) => n - kept[i]!),
      ];
      keptColumn = column;
      if (more.length > 0) kept.splice(0, 3, ...at);
      return [write(step)];
    }).join(",");
  });
  return { version, sources, mappings: lines.join(";") };
}
