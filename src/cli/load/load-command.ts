/** `weir load items|analytics`. */
import { defineCommand } from "citty";
import { analyticsCommand } from "./analytics-command.ts";
import { itemsCommand } from "./item-command.ts";

export const loadCommand = defineCommand({
  meta: { description: "Put a load on a server, and check what it made of it" },
  subCommands: { analytics: analyticsCommand, items: itemsCommand },
});
