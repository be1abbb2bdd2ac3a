import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tabled, withTable } from "../components/alarms/documentation/table.js";
import { roleFile, roleText } from "../deploy/role/documents.js";
import { commandsPage, withCommands } from "../ops/documentation/reference.js";
import { documents, rewritten } from "../providers/documentation/tables.js";
import { providers } from "../providers/support/known.js";
import { pictured, withPicture } from "../settings/documentation/subscribers-picture.js";
import { dashboardFile, drawnDashboard } from "./dashboard/drawn-dashboard.js";
import { pluginSettingsFile, settingsAsInterfaces } from "./plugin/settings-as-interfaces.js";

// `npm run docs`: writes the parts of the documents, and the settings of Pulumi's package, that come from the providers, the settings, the components and the commands.
for (const [path, parts] of Object.entries(documents)) {
  write(path, (text) => rewritten(text, parts, providers));
}
write(pictured, withPicture);
write(tabled, withTable);
write(commandsPage, withCommands);
const drawn = await drawnDashboard();
write(dashboardFile, () => drawn);
write(pluginSettingsFile, settingsAsInterfaces);

write(roleFile, roleText);

function write(path: string, rewrite: (text: string) => string): void {
  const file = new URL(`../${path}`, import.meta.url);
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const after = rewrite(before);
  if (after !== before) writeFileSync(file, after);
  console.log(`${path}: ${after === before ? "is up to date" : "written"}`);
}
