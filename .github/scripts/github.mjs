/** GitHub's REST API with the workflow's own token, as far as the workflows need it. */

const { GITHUB_API_URL = "https://api.github.com", GITHUB_REPOSITORY, GITHUB_TOKEN } = process.env;

/** GitHub takes no longer text of a comment or an issue: docs.github.com/en/rest/issues/comments */
const mostCharacters = 65_536;

/**
 * @param {string} method
 * @param {string} address a path below the repository, or a whole URL
 * @param {object} [body]
 * @returns {Promise<{ data: any, next: string | undefined }>} `next`: the next page's URL
 */
export async function github(method, address, body) {
  const url = address.startsWith("http")
    ? address
    : `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/${address}`;
  const response = await fetch(url, {
    method,
    headers: {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${GITHUB_TOKEN}`,
      "x-github-api-version": "2022-11-28",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  const next = /<([^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
  return { data: await response.json(), next };
}

/**
 * Looks on all pages for what one of these workflows has written.
 *
 * @param {string} list path of comments or issues
 * @param {string} marker
 */
export async function findMarked(list, marker) {
  let page = `${list}${list.includes("?") ? "&" : "?"}per_page=100`;
  while (page !== undefined) {
    const { data, next } = await github("GET", page);
    const found = data.find(({ body, user }) => user?.type === "Bot" && body?.startsWith(marker));
    if (found !== undefined) return found;
    page = next;
  }
  return undefined;
}

/** Nobody sees it, and it tells whose a comment or an issue is. */
export function markerOf(name) {
  return `<!-- webhook-pipeline: ${name} -->`;
}

/** A text that begins with its marker, cut at the end of a line where it is too long. */
export function marked(marker, text) {
  const whole = `${marker}\n${text}`;
  if (whole.length <= mostCharacters) return whole;
  const note = "\n\nThe rest is too long for GitHub. It stands in the summary of the workflow's run.\n";
  const cut = whole.slice(0, mostCharacters - note.length);
  return cut.slice(0, cut.lastIndexOf("\n")) + note;
}
