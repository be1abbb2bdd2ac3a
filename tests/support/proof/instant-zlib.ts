import type { BrotliOptions, InputType } from "node:zlib";

/**
 * `node:zlib`, for `vi.mock`, compressing at once instead of by another thread, so that a simulation knows when nothing
 * moves any more.
 */
export function instant(zlib: typeof import("node:zlib")): object {
  return {
    ...zlib,
    brotliCompress(plain: InputType, options: BrotliOptions, done: (error: null, packed: Buffer) => void) {
      done(null, zlib.brotliCompressSync(plain, options));
    },
  };
}
