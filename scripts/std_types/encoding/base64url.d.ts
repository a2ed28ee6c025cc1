// Types of the parts of @std/encoding 1.0.11 (base64url) that this project uses.
export function encodeBase64Url(src: string | Uint8Array | ArrayBuffer): string;
export function decodeBase64Url(src: string): Uint8Array<ArrayBuffer>;
