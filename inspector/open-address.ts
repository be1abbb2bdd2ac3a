import { spawn } from "node:child_process";

/**
 * Opens an address in the person's browser, with what the platform has for it. The platforms' own openers are three lines; the
 * packages that wrap them bring scripts for cases that a loopback address does not have.
 *
 * @returns whether there was an opener. What the browser does then, nobody knows
 */
export async function openAddress(
  address: string,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  const [program, ...args] = openerOf(platform);
  const child = spawn(program, [...args, address], { stdio: "ignore", detached: true });
  child.unref();
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("spawn", () => resolve(true));
  });
}

function openerOf(platform: NodeJS.Platform): readonly [string, ...string[]] {
  if (platform === "darwin") return ["open"];
  // No shell, so nothing in an address is a command: learn.microsoft.com/en-us/windows/win32/api/shellapi
  if (platform === "win32") return ["rundll32", "url.dll,FileProtocolHandler"];
  return ["xdg-open"];
}
