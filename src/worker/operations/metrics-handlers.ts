/** `GET /metrics`, for a Prometheus that may see them. */
import { succeed } from "../../protocol/problem.ts";
import type { Handlers } from "../handler.ts";
import { textResponse } from "../respond.ts";
import { metricsText } from "./metrics.ts";

const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

const HEADERS = { "Content-Type": PROMETHEUS_TEXT, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" };

export const metricsHandlers: Handlers<"metrics"> = {
  metrics: async () => succeed(textResponse(metricsText(), 200, HEADERS)),
};
