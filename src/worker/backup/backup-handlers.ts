/** The routes of backups. */
import { succeed } from "../../protocol/problem.ts";
import type { Handlers } from "../handler.ts";
import { jsonAnswer, jsonResponse } from "../respond.ts";
import { beginBackup, listBackups, readBackup } from "./backups.ts";

export const backupHandlers: Handlers<"backupsList" | "backupBegin" | "backupRead"> = {
  backupsList: async ({ request, env }) => jsonAnswer(request, await listBackups(env)),

  backupBegin: async ({ request, env }) => {
    const begun = await beginBackup(env, Date.now());
    return begun.ok ? succeed(jsonResponse(request, { run: begun.value }, 202)) : begun;
  },

  backupRead: ({ request, env, params, query }) => readBackup(env, request, params.run, query),
};
