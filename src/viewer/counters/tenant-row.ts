/** One row of the table: a tenant, its count, its rate, and a bar for its share of the greatest count. */
import { count as countWords } from "../count-words.ts";
import { tint } from "../motion.ts";
import { fromTemplate, part, setText } from "../parts.ts";
import { showText } from "../shown-text.ts";
import { rateWords } from "../rate-meter.ts";
import type { TenantCount } from "./tenant-watch.ts";

export class TenantRow {
  readonly root: HTMLElement;
  readonly #count: HTMLElement;
  readonly #rate: HTMLElement;
  readonly #share: SVGRectElement;
  #drawn: number | undefined;

  constructor(tenant: string) {
    const root = fromTemplate("counters-row").firstElementChild;
    if (!(root instanceof HTMLElement)) throw new Error("The template of a row is empty");
    this.root = root;
    this.#count = part(root, "count", HTMLElement);
    this.#rate = part(root, "rate", HTMLElement);
    this.#share = part(root, "share", SVGRectElement);
    showText(part(root, "tenant", HTMLElement), tenant);
  }

  /** @param greatest of all counts in the table */
  draw({ count, perSecond }: TenantCount, greatest: number): void {
    setText(this.#rate, rateWords(perSecond));
    this.#rate.toggleAttribute("data-some", perSecond > 0);
    this.#share.setAttribute("width", String(greatest === 0 ? 0 : (100 * (count ?? 0)) / greatest));
    if (count === this.#drawn) return;
    // The first count is no news.
    if (this.#drawn !== undefined) tint(this.root);
    this.#drawn = count;
    setText(this.#count, count === undefined ? "–" : countWords(count));
  }
}
