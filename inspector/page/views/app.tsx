import { address, announcement, isUnknown } from "../state/store.js";
import { ActionDialog } from "./action-dialog.js";
import { Composer } from "./composer.js";
import { useKeyboard } from "./keyboard.js";
import { KeyboardHelp } from "./keyboard-help.js";
import { PipelineView } from "./pipeline.js";
import { Shell } from "./shell.js";
import { TokenForm } from "./token-form.js";
import { Webhooks } from "./webhooks.js";

/** The page. */
export function App() {
  useKeyboard();
  if (isUnknown.value) return <TokenForm />;
  const { view } = address.value;
  return (
    <>
      <Shell>
        {view === "webhooks" ? <Webhooks /> : view === "pipeline" ? <PipelineView /> : <Composer />}
      </Shell>
      <ActionDialog />
      <KeyboardHelp />
      <p class="unseen" role="status">
        {announcement.value}
      </p>
    </>
  );
}
