/** The routes of backups, a part of the endpoints table. */
import { BackedUpThingSchema, BackupBegunSchema, BackupParamsSchema, BackupsAnswerSchema } from "./backups.ts";
import type { Endpoint } from "./endpoint.ts";

const admin = { kind: "admin" } as const;

export const backupEndpoints = {
  backupsList: {
    method: "GET",
    path: "/backups",
    summary: "The backups in the bucket, the latest first",
    access: admin,
    answers: { 200: { description: "What they came to", schema: BackupsAnswerSchema } },
  },
  backupBegin: {
    method: "POST",
    path: "/backups",
    summary: "Begin a backup of everything, unless one is under way",
    access: admin,
    answers: { 202: { description: "It goes on by itself", schema: BackupBegunSchema } },
  },
  backupRead: {
    method: "GET",
    path: "/backups/:run",
    summary: "One thing of a backup, as the file that an import takes",
    access: admin,
    params: BackupParamsSchema,
    query: BackedUpThingSchema,
    answers: { 200: { description: "Lines of JSON", types: ["application/x-ndjson"] } },
  },
} as const satisfies Readonly<Record<string, Endpoint>>;
