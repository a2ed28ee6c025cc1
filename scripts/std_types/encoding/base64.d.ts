// Types of the parts of @std/encoding 1.0.11 (base64) that this project uses.
export function encodeBase64(src: string | Uint8Array | ArrayBuffer): string;
export function decodeBase64(src: string): Uint8Array<ArrayBuffer>;
