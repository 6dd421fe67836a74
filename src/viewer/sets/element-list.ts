/**
 * The rows of the elements in the window, as a grid that is one stop of the Tab key: arrows move in it, Delete removes.
 *
 * Rows are kept by element and touched only where something changed, so focus, selection and scrolling survive updates.
 * A row that goes stays a moment, out of reach, while it vanishes.
 */
import { appear, vanish } from "../motion.ts";
import { ElementRow } from "./element-row.ts";
import type { ElementWindow } from "./element-window.ts";

/** More at once than this is not an event to be watched but another state. */
const ANIMATED_MAX = 20;
/** For so long after the pointer moved on a button the rows stay where they are: nothing may slip under a click. */
export const HOLD_MS = 800;

export interface ElementListActions {
  remove(element: string): void;
  add(element: string): void;
  /** The last row is gone that had the focus; it must not get lost. */
  leave(): void;
}

export class ElementList {
  readonly #root: HTMLElement;
  readonly #actions: ElementListActions;
  readonly #rows = new Map<string, ElementRow>();
  readonly #byRoot = new WeakMap<Element, ElementRow>();
  /** In the order shown. */
  #order: readonly ElementRow[] = [];
  /** The row that the Tab key reaches: the first, until somebody has been in the list. */
  #current: ElementRow | undefined;
  #isEntered = false;
  #heldUntilMs = 0;

  constructor(root: HTMLElement, actions: ElementListActions) {
    this.#root = root;
    this.#actions = actions;
    root.addEventListener("keydown", (event) => this.#onKey(event));
    root.addEventListener("focusin", (event) => {
      const row = this.#rowAt(event.target);
      if (row === undefined) return;
      this.#isEntered = true;
      this.#setCurrent(row);
    });
    root.addEventListener("pointermove", ({ target, pointerType }) => {
      const isOnButton = target instanceof Element && target.closest("button") !== null;
      this.#heldUntilMs = isOnButton && pointerType === "mouse" ? performance.now() + HOLD_MS : 0;
    });
    root.addEventListener("pointerleave", () => (this.#heldUntilMs = 0));
  }

  /** Someone is about to press a button, so drawing has to wait. */
  get isHeld(): boolean {
    return performance.now() < this.#heldUntilMs;
  }

  /** @param calm shows another state rather than events: nothing moves */
  draw({ rows, matching }: ElementWindow, nowMs: number, calm: boolean): void {
    const focused = this.#focusedRow();
    const focusedIndex = focused === undefined ? -1 : this.#order.indexOf(focused);
    const fresh: ElementRow[] = [];
    const order = rows.map((shown) => {
      let row = this.#rows.get(shown.element);
      if (row === undefined) fresh.push((row = this.#makeRow(shown.element)));
      row.draw(shown, nowMs);
      return row;
    });

    const kept = new Set(order);
    const gone = this.#order.filter((row) => !kept.has(row));
    const moves = !calm && fresh.length + gone.length <= ANIMATED_MAX;
    for (const row of gone) this.#takeAway(row, moves);
    this.#arrange(order);
    if (moves) for (const row of fresh) appear(row.root);
    this.#order = order;
    this.#root.setAttribute("aria-rowcount", String(matching));

    if (!this.#isEntered || this.#current === undefined || !kept.has(this.#current)) {
      this.#setCurrent(order[Math.max(focusedIndex, 0)] ?? order.at(-1));
    }
    if (focused !== undefined && this.#focusedRow() === undefined) this.#focusCurrent();
  }

  #makeRow(element: string): ElementRow {
    const row = new ElementRow(element, (acted) => this.#act(acted));
    this.#rows.set(element, row);
    this.#byRoot.set(row.root, row);
    return row;
  }

  #takeAway(row: ElementRow, moves: boolean): void {
    this.#rows.delete(row.element);
    if (!moves) return row.root.remove();
    row.root.toggleAttribute("data-leaving", true);
    row.root.inert = true;
    void vanish(row.root).then(() => row.root.remove());
  }

  /** Puts the rows in order, moving none that is in its place already, and stepping over those that are leaving. */
  #arrange(order: readonly ElementRow[]): void {
    const hadFocus = document.activeElement;
    let next = this.#root.firstElementChild;
    for (const { root } of order) {
      while (next !== null && next !== root && next.hasAttribute("data-leaving")) next = next.nextElementSibling;
      if (next === root) next = next.nextElementSibling;
      else this.#root.insertBefore(root, next);
    }
    // Moving an element takes the focus from it.
    if (
      hadFocus instanceof HTMLElement &&
      hadFocus !== document.activeElement &&
      hadFocus.closest("[inert]") === null
    ) {
      hadFocus.focus({ preventScroll: true });
    }
  }

  #act(row: ElementRow): void {
    this.#heldUntilMs = 0;
    if (row.isRemoved) this.#actions.add(row.element);
    else this.#actions.remove(row.element);
  }

  #onKey(event: KeyboardEvent): void {
    const row = this.#rowAt(event.target);
    if (row === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const index = this.#order.indexOf(row);
    switch (event.key) {
      case "ArrowDown":
        this.#focusAt(index + 1);
        break;
      case "ArrowUp":
        this.#focusAt(index - 1);
        break;
      case "Home":
        this.#focusAt(0);
        break;
      case "End":
        this.#focusAt(this.#order.length - 1);
        break;
      case "ArrowRight":
        row.root.querySelector("button")?.focus();
        break;
      case "ArrowLeft":
        row.root.focus();
        break;
      case "Delete":
      case "Backspace":
        // Held down it would take away one element after the other.
        if (!event.repeat && !row.isRemoved) this.#act(row);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  #focusAt(index: number): void {
    const row = this.#order[index];
    if (row === undefined) return;
    this.#setCurrent(row);
    row.root.focus();
  }

  #focusCurrent(): void {
    if (this.#current === undefined) this.#actions.leave();
    else this.#current.root.focus({ preventScroll: true });
  }

  #setCurrent(row: ElementRow | undefined): void {
    if (this.#current !== undefined) this.#current.root.tabIndex = -1;
    this.#current = row;
    if (row !== undefined) row.root.tabIndex = 0;
  }

  #focusedRow(): ElementRow | undefined {
    return this.#rowAt(document.activeElement);
  }

  #rowAt(target: EventTarget | null): ElementRow | undefined {
    const root = target instanceof Element ? target.closest(".row") : null;
    const row = root === null ? undefined : this.#byRoot.get(root);
    return row !== undefined && this.#rows.get(row.element) === row ? row : undefined;
  }
}
