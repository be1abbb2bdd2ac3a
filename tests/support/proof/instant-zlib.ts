import type { BrotliOptions, InputType } from "node:zlib";

/**
 * `node:zlib` as far as the function uses it, for `vi.mock`: compressed at once instead of by another thread, so that a
 * simulation knows when nothing moves any more.
 */
const zlib = process.getBuiltinModule("node:zlib");

export const { brotliDecompress, constants } = zlib;

export function brotliCompress(
  plain: InputType,
  options: BrotliOptions,
  done: (error: null, packed: Buffer) => void,
): void {
  done(null, zlib.brotliCompressSync(plain, options));
}
