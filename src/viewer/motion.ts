/** The page's movements, all short, none for those who asked for less motion. */

const APPEAR_MS = 220;
const TINT_MS = 1_600;
const VANISH_MS = 200;
const MOVE_MS = 320;
const EASING = "cubic-bezier(0.2, 0, 0, 1)";

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** Opens up from nothing, and keeps a tint for a moment. */
export function appear(element: HTMLElement): void {
  if (lessMotion.matches) return;
  const height = `${element.offsetHeight}px`;
  element.animate(
    [
      { height: "0", minHeight: "0", paddingBlock: "0", opacity: 0, overflow: "hidden" },
      { height, opacity: 1, overflow: "hidden" },
    ],
    { duration: APPEAR_MS, easing: EASING },
  );
  tint(element);
}

const tints = new WeakMap<Element, Animation>();

/** Keeps a tint for a moment. What changes all the time stays tinted, without flickering. */
export function tint(element: HTMLElement): void {
  if (lessMotion.matches) return;
  const colour = getComputedStyle(element).getPropertyValue("--tint-good");
  tints.get(element)?.cancel();
  const animation = element.animate([{ backgroundColor: colour }, { backgroundColor: "transparent" }], {
    duration: TINT_MS,
    easing: "ease-out",
  });
  tints.set(element, animation);
}

/** Glides to where it is from where it was, which is `byPx` further down, or up if negative. */
export function glide(element: HTMLElement, byPx: number): void {
  if (lessMotion.matches || byPx === 0) return;
  element.animate([{ transform: `translateY(${byPx}px)` }, { transform: "none" }], {
    duration: MOVE_MS,
    easing: EASING,
  });
}

/** Closes and fades; resolves when it may be taken away. */
export async function vanish(element: HTMLElement): Promise<void> {
  if (lessMotion.matches) return;
  const height = `${element.offsetHeight}px`;
  const animation = element.animate(
    [
      { height, opacity: 1 },
      { height: "0", opacity: 0 },
    ],
    { duration: VANISH_MS, easing: EASING, fill: "forwards" },
  );
  // Cancelled when the element is taken away sooner, with the whole view for instance.
  await animation.finished.catch(() => undefined);
}
