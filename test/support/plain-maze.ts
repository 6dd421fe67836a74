/** A maze in which nothing goes wrong by itself: everyone is there from the beginning, and each event is sent once. */
import type { MazePlanOptions } from "../../src/cli/maze/maze-plan.ts";

export const PLAIN_MAZE: MazePlanOptions = {
  events: 200,
  users: 5,
  connected: 1,
  late: 0,
  batch: 10,
  gaps: 0,
  duplicates: 0,
  malformed: 0,
  naming: "numbers",
  lineEnd: "\n",
  seed: 1,
};
