/**
 * Failures that a person or a script is told about: what went wrong, what to do, and which exit code
 * and HTTP status say so.
 *
 * @module
 */

/** Each kind of failure with its exit code and its status on the control socket. */
const FAILURE_KINDS = {
  failed: { exitCode: 1, status: 500 },
  usage: { exitCode: 2, status: 400 },
  configuration: { exitCode: 3, status: 422 },
  authentication: { exitCode: 4, status: 401 },
  "not-found": { exitCode: 5, status: 404 },
  /** What was asked for is used, expired, or in the way of something else. */
  conflict: { exitCode: 6, status: 409 },
  unreachable: { exitCode: 7, status: 503 },
  interrupted: { exitCode: 130, status: 499 },
} as const;

/** A kind of failure. */
export type FailureKind = keyof typeof FAILURE_KINDS;

/** A failure as JSON: the error envelope of commands and of the control socket. */
export interface FailureEnvelope {
  /** A fixed word in kebab case, such as `pairing-code-expired`. */
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
  /** What to do about it; empty when there is nothing to say. */
  readonly hint: string;
}

/** An expected failure: returned by handlers, returned or thrown by commands. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly kind: FailureKind;
  readonly code: string;
  readonly hint: string;

  constructor(kind: FailureKind, { code, message, hint }: FailureEnvelope) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.hint = hint;
  }

  /** What the process ends with. */
  get exitCode(): number {
    return FAILURE_KINDS[this.kind].exitCode;
  }

  /** The HTTP status on the control socket. */
  get status(): number {
    return FAILURE_KINDS[this.kind].status;
  }

  toJSON(): FailureEnvelope {
    return { code: this.code, message: this.message, hint: this.hint };
  }
}

/** A failure with its hint, ready to be returned or thrown. */
export function failure(kind: FailureKind, code: string, message: string, hint = ""): Failure {
  return new Failure(kind, { code, message, hint });
}

/** The kind that a status on the control socket stands for. */
export function failureKindOf(status: number): FailureKind {
  for (const [kind, row] of Object.entries(FAILURE_KINDS)) {
    if (row.status === status) return kind as FailureKind;
  }
  return "failed";
}

/** Says that a text is not a telephone number. */
export function invalidNumber(number: string): Failure {
  return failure(
    "usage",
    "number-invalid",
    `Cannot use "${number.slice(0, 40)}" as a number: it must be in E.164`,
    "write it with country code, as in +15551234567",
  );
}

/** Says that an account is not there, and which are. */
export function unknownAccount(account: string, known: readonly string[]): Failure {
  return failure(
    "not-found",
    "account-unknown",
    `Cannot find the account "${account.slice(0, 40)}"`,
    `known: ${known.join(", ") || "none"}`,
  );
}

/** What Deno says of a place that the program keeps itself away from, with advice for whoever compiles it. */
const KEPT_AWAY = /Requires (\w+) access to ("[^"]*"), [^]*$/;

/** What an error says of itself, whatever was thrown. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(KEPT_AWAY, "the program gives itself no $1 access to $2");
}
