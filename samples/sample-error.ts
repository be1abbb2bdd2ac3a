/** A sample that cannot be made. The message names the reason and what to do instead. */
export class SampleError extends Error {
  override readonly name = "SampleError";
}
