/** Times as people read them. Epoch milliseconds go in; clocks are those of the reader's time zone. */

/** `14:03:09` of today, and with the date of another day. */
export function clockText(at: number, now: number): string {
  const [date, time] = [dateText(at), timeText(at)];
  return date === dateText(now) ? time : `${date.slice(5)} ${time}`;
}

/** `14:03:09.120` */
export function preciseClockText(at: number): string {
  return `${timeText(at)}.${String(new Date(at).getMilliseconds()).padStart(3, "0")}`;
}

/** The same moment in UTC, as `ops` prints it. */
export function utcText(at: number): string {
  return new Date(at).toISOString();
}

/** `1,204 bytes`, `12.3 KB`, `1.0 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 10_000) return `${bytes.toLocaleString("en")} ${bytes === 1 ? "byte" : "bytes"}`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function dateText(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function timeText(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
