/** The page: finds out from the address what to show, and shows it until the address changes. */
import { WeirClient } from "../client/index.ts";
import { AccessGate } from "./access/access-gate.ts";
import { readTabToken } from "./access/tab-token.ts";
import { readAddress, writeAddress } from "./address.ts";
import { analyticsView } from "./analytics/analytics-view.ts";
import { Announcer } from "./announcer.ts";
import { ConnectionBadge } from "./connection-badge.ts";
import { countersView } from "./counters/counters-view.ts";
import { part } from "./parts.ts";
import { setsView } from "./sets/sets-view.ts";
import { streamsView } from "./streams/streams-view.ts";
import { ThingTitle } from "./thing-title.ts";
import type { Shell, View } from "./view.ts";

/** In the order of the navigation; the first is what `/` shows. */
const VIEWS: readonly [View, ...View[]] = [setsView, analyticsView, countersView, streamsView];

const host = part(document, "view", HTMLElement);
const { announce } = new Announcer(part(document, "announcer", HTMLElement));
const badge = new ConnectionBadge(part(document, "connection", HTMLElement), announce);
const title = new ThingTitle(document.body, (view, name) => goTo(writeAddress({ view, name })));
// With another token everything is read anew.
const gate = new AccessGate(part(document, "access", HTMLElement), announce, () => show());

/** For as long as the page has the token that it has now. */
function createShell(): Shell {
  return {
    client: new WeirClient({ url: location.origin, token: readTabToken() }),
    showConnection: (connection) => {
      badge.show(connection);
      gate.show(connection.status.refusal);
    },
    announce,
  };
}

let unmount: (() => void) | undefined;
let shownSearch: string | undefined;

function show(): void {
  shownSearch = location.search;
  const { view, name } = readAddress(shownSearch, VIEWS);
  unmount?.();
  host.replaceChildren();
  badge.hide();
  drawNavigation(view);
  title.show(view, name);
  gate.show(undefined);
  unmount = title.isRefused ? undefined : view.mount(host, name, createShell());
}

function goTo(address: string): void {
  history.pushState(null, "", address);
  show();
}

function drawNavigation(current: View): void {
  const items = VIEWS.map((view) => {
    const link = document.createElement("a");
    link.href = writeAddress({ view, name: view.defaultName });
    link.textContent = view.label;
    if (view === current) link.ariaCurrent = "page";
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  part(document, "nav", HTMLElement).replaceChildren(...items);
}

// The page's own links need no server, so they work offline too.
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest('a[href="/"], a[href^="/?"]') : null;
  if (link === null || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  goTo(link.getAttribute("href") ?? "/");
});
window.addEventListener("popstate", () => {
  // A link into the page comes by here as well.
  if (location.search !== shownSearch) show();
});
show();
