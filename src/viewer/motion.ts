/** The page's two movements, both short, neither for those who asked for less motion. */

const APPEAR_MS = 220;
const TINT_MS = 1_600;
const VANISH_MS = 200;
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
  const tint = getComputedStyle(element).getPropertyValue("--tint-good");
  element.animate([{ backgroundColor: tint }, { backgroundColor: "transparent" }], {
    duration: TINT_MS,
    easing: "ease-out",
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
