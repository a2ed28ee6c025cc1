// Types of the parts of @std/http 1.1.0 (negotiation) that this project uses.
export function accepts(request: Pick<Request, "headers">): string[];
export function accepts(request: Pick<Request, "headers">, ...types: string[]): string | undefined;
