/** Calls back when the page is hidden, the last that it hears of its end for sure: it may be gone without any other event. */
export function onPageHidden(act: () => void, signal: AbortSignal): void {
  if (typeof document === "undefined") return;
  const hidden = () => {
    if (document.visibilityState === "hidden") act();
  };
  document.addEventListener("visibilitychange", hidden, { signal });
}
