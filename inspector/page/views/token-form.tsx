import { useSignal } from "@preact/signals";
import { takeToken } from "../state/address.js";

/** What a page shows that nobody has let in: the address that the inspector printed has the token. */
export function TokenForm() {
  const problem = useSignal("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget as HTMLFormElement).get("address") ?? "");
    const found = takeToken(typed.slice(Math.max(typed.indexOf("#"), 0)));
    if (found === undefined) {
      problem.value = "This address has no token: it must end in #token= and letters.";
      return;
    }
    const view = location.hash.startsWith("#/") ? `&${location.hash.slice(1)}` : "";
    location.hash = `#token=${encodeURIComponent(found.token)}${view}`;
    location.reload();
  };
  return (
    <main class="alone">
      <h1>This page is not let in yet</h1>
      <p>
        Each start of the inspector has a token of its own. Open the address that <code>npm start</code> or{" "}
        <code>npm run ops -- inspect</code> has printed, or paste it here.
      </p>
      <form onSubmit={submit}>
        <label for="address">Printed address</label>
        <input id="address" name="address" autocomplete="off" spellcheck={false} required />
        <button type="submit" class="main">
          Open
        </button>
      </form>
      <p class="bad" role="alert">
        {problem.value}
      </p>
    </main>
  );
}
