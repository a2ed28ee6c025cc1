// Types of the parts of @std/cli 1.0.32 (prompt-secret) that this project uses.
export interface PromptSecretOptions {
  mask?: string;
  clear?: boolean;
}
export function promptSecret(message?: string, options?: PromptSecretOptions): string | null;
