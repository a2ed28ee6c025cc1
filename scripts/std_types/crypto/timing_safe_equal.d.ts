// Types of the parts of @std/crypto 1.1.0 (timing-safe-equal) that this project uses.
export function timingSafeEqual(
  a: ArrayBufferView | ArrayBufferLike | DataView,
  b: ArrayBufferView | ArrayBufferLike | DataView,
): boolean;
