import { z } from "zod";
import { type Graph, type GraphResource, resourcesOfType } from "../../program/graph.js";
import { partitionOf } from "../../program/partition.js";
import { pageOf } from "../../services/paging.js";
import { ServiceError } from "../../services/service-error.js";
import { checked, invalidToken } from "./errors.js";
import { token } from "./metric-queries.js";

const getDashboard = z.strictObject({ DashboardName: z.string().min(1) });
const listDashboards = z.strictObject({ DashboardNamePrefix: z.string().default(""), NextToken: token });

/** docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html */
const listed = 1_000;

/** The dashboards that the program registers. */
export class Dashboards {
  /** Stands for the time at which dashboards were changed last. */
  readonly #startedAt = Date.now();

  constructor(private readonly graph: Graph) {}

  /** @throws ServiceError for one that is not there */
  get(input: unknown): unknown {
    const { DashboardName } = checked(getDashboard, input);
    const found = this.#all().find((dashboard) => nameOf(dashboard) === DashboardName);
    if (found === undefined) {
      throw new ServiceError("DashboardNotFoundError", `Dashboard ${DashboardName} does not exist`, 404);
    }
    return { DashboardArn: this.#arn(found), DashboardName, DashboardBody: bodyOf(found) };
  }

  list(input: unknown): unknown {
    const { DashboardNamePrefix, NextToken } = checked(listDashboards, input);
    const found = this.#all().filter((dashboard) => nameOf(dashboard).startsWith(DashboardNamePrefix));
    const { items, next } = pageOf(found, listed, NextToken, invalidToken);
    return {
      DashboardEntries: items.map((dashboard) => ({
        DashboardName: nameOf(dashboard),
        DashboardArn: this.#arn(dashboard),
        LastModified: this.#startedAt / 1_000,
        Size: Buffer.byteLength(bodyOf(dashboard)),
      })),
      NextToken: next,
    };
  }

  #all(): GraphResource[] {
    return resourcesOfType(this.graph, "aws:cloudwatch/dashboard:Dashboard").sort((a, b) =>
      nameOf(a) < nameOf(b) ? -1 : 1,
    );
  }

  /** Dashboards are in no Region. */
  #arn(dashboard: GraphResource): string {
    const { account, region } = this.graph;
    return `arn:${partitionOf(region).name}:cloudwatch::${account}:dashboard/${nameOf(dashboard)}`;
  }
}

const nameOf = ({ inputs }: GraphResource) => String(inputs.dashboardName);
const bodyOf = ({ inputs }: GraphResource) => String(inputs.dashboardBody);
