/**
 * What an operation is: a question of an operator's that takes one object and gives one, so that it
 * travels as JSON.
 *
 * @module
 */

/** How an operation is reached on the control socket. */
export interface OperationSpec {
  /** The path that it is posted to. */
  readonly path: string;
  /** Members of its input that must be strings. */
  readonly required: readonly string[];
}

/** A row for each operation of a group. */
export type OperationTable<Group> = Readonly<Record<keyof Group, OperationSpec>>;
