import { describe, expect, it } from "vitest";
import { MetricStore } from "../../watching/metrics.js";
import { recordHttpApiRequest, recordRestApiRequest } from "../../watching/samples.js";

const statuses = [200, 204, 301, 399, 400, 404, 429, 499, 500, 503, 504];

// docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html and http-api-metrics.html
describe.each([
  { kind: "REST", dimension: "ApiName", record: recordRestApiRequest, names: ["4XXError", "5XXError"] },
  { kind: "HTTP", dimension: "ApiId", record: recordHttpApiRequest, names: ["4xx", "5xx"] },
])("the metrics of a $kind API", ({ dimension, record, names }) => {
  it("count 4xx and 5xx apart, as 0 or 1 for each request, by API and by its stage", () => {
    const metrics = new MetricStore(60);
    for (const status of statuses) record(metrics, "door", { stage: "v1", status, latencyMilliseconds: 5 });

    const values = (name: string, dimensions: Record<string, string>) =>
      metrics.values({ namespace: "AWS/ApiGateway", name, dimensions }, 0, Date.now() + 1);
    const [clientErrors = "", serverErrors = ""] = names;
    for (const dimensions of [{ [dimension]: "door" }, { [dimension]: "door", Stage: "v1" }]) {
      expect(values("Count", dimensions)).toEqual(statuses.map(() => 1));
      expect(values(clientErrors, dimensions)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0]);
      expect(values(serverErrors, dimensions)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
      expect(values("Latency", dimensions)).toEqual(statuses.map(() => 5));
    }
  });
});
