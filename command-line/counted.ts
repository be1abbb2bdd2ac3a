/** A number with its noun: `1 webhook`, `1,204 webhooks`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${new Intl.NumberFormat("en").format(count)} ${count === 1 ? noun : plural}`;
}
