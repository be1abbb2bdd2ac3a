import "./page.css";
import { render } from "preact";
import icon from "./icon.svg";
import { startClock } from "./state/clock.js";
import { start } from "./state/store.js";
import { App } from "./views/app.js";

const link = document.createElement("link");
link.rel = "icon";
link.href = icon;
document.head.append(link);

const root = document.getElementById("app");
if (root !== null) {
  start();
  startClock();
  render(<App />, root);
}
