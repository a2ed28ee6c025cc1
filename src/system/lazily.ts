/**
 * What takes a while to make, such as a table or a long pattern, and is not needed to start.
 *
 * @module
 */

/** Gives a value that is made when it is first asked for. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
