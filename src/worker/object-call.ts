/**
 * Calls a Durable Object. The platform says of a failed call whether another try may go better; such calls are tried
 * again with full jitter, on a fresh stub each time, since a stub that saw a failure stays broken.
 *
 * Only for calls whose repetition leaves the same state: a call that failed may still have been carried out.
 */
import { refuseForNow, succeed } from "../protocol/problem.ts";
import type { Result } from "../protocol/problem.ts";

const ATTEMPTS_MAX = 4;
const BACKOFF_BASE_MS = 50;

/** What the platform adds to the errors of calls that went wrong on the way. */
interface CallError {
  readonly retryable?: boolean;
  readonly overloaded?: boolean;
}

export async function callObject<Stub, T>(
  openStub: () => Stub,
  call: (stub: Stub) => Promise<T>,
  { repeatable = true }: { readonly repeatable?: boolean } = {},
): Promise<Result<T>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return succeed(await call(openStub()));
    } catch (error) {
      const { retryable = false, overloaded = false } = error as CallError;
      if (overloaded) return busy("It has more to do than it can keep up with.");
      if (!retryable) throw error;
      if (!repeatable) return busy("The call failed on its way, and may or may not have been carried out.");
      if (attempt === ATTEMPTS_MAX) return busy("It could not be reached.");
      await scheduler.wait(Math.random() * BACKOFF_BASE_MS * 2 ** attempt);
    }
  }
}

function busy(why: string): Result<never> {
  return refuseForNow(`The object behind this name did not answer. ${why}`);
}
