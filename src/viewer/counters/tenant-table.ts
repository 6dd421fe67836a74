/** The tenants, the greatest count first. A row that overtakes another glides to its place. */
import { glide } from "../motion.ts";
import { TenantRow } from "./tenant-row.ts";
import type { TenantCount } from "./tenant-watch.ts";

export class TenantTable {
  readonly #body: HTMLElement;
  readonly #rows = new Map<string, TenantRow>();
  #order: readonly TenantRow[] = [];

  constructor(body: HTMLElement) {
    this.#body = body;
  }

  draw(counts: readonly TenantCount[]): void {
    const greatest = Math.max(0, ...counts.map(({ count }) => count ?? 0));
    const order = counts.map((each) => {
      const row = this.#row(each.tenant);
      row.draw(each, greatest);
      return row;
    });
    if (order.some((row, index) => row !== this.#order[index])) this.#arrange(order);
  }

  #row(tenant: string): TenantRow {
    let row = this.#rows.get(tenant);
    if (row === undefined) this.#rows.set(tenant, (row = new TenantRow(tenant)));
    return row;
  }

  #arrange(order: readonly TenantRow[]): void {
    const former = this.#order.map((row) => [row, row.root.offsetTop] as const);
    this.#body.replaceChildren(...order.map(({ root }) => root));
    this.#order = order;
    for (const [{ root }, top] of former) glide(root, top - root.offsetTop);
  }
}
