// Types of the parts of @std/encoding 1.0.11 (hex) that this project uses.
export function encodeHex(src: string | Uint8Array | ArrayBuffer): string;
export function decodeHex(src: string): Uint8Array<ArrayBuffer>;
