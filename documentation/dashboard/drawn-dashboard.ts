import type { DashboardBody } from "../../components/dashboard/body.js";
import { readProgram } from "../../local/program.js";
import { dashboardPicture } from "./picture.js";

/** The picture of the dashboard, by its path from the project's root. */
export const dashboardFile = "docs/pictures/dashboard.svg";

/** The picture of the dashboard that the program would make for the stage `prod`. */
export async function drawnDashboard(): Promise<string> {
  const { resources } = await readProgram({ stack: "prod" });
  const dashboard = resources.find(({ type }) => type === "aws:cloudwatch/dashboard:Dashboard");
  if (dashboard === undefined) throw new Error("the stage prod has no dashboard");
  return dashboardPicture(JSON.parse(dashboard.inputs.dashboardBody as string) as DashboardBody);
}
