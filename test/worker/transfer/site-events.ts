/** Events of a site, and the addresses of its export and import. */
import type { TestEvent } from "../analytics/analytics-requests.ts";

export function paths(site: string): { readonly out: string; readonly in: string } {
  return { out: `/analytics/export?site=${site}`, in: `/analytics/import?site=${site}` };
}

/** One of each of `count` users, each with an id. */
export function clicks(site: string, timestamp: number, count: number): readonly TestEvent[] {
  return Array.from({ length: count }, (_, index) => {
    return { timestamp, user: `user-${index}`, event: "click", site, id: `${timestamp}-${index}` };
  });
}
