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

interface CallOptions {
  /** Whether it may be carried out twice; otherwise it is not tried again. */
  readonly repeatable?: boolean;
}

export async function callObject<Stub, T>(
  openStub: () => Stub,
  call: (stub: Stub) => Promise<T>,
  { repeatable = true }: CallOptions = {},
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

/** The same of an object that may refuse by itself: its answer or its refusal, or that it could not be asked. */
export async function askObject<Stub, T>(
  openStub: () => Stub,
  ask: (stub: Stub) => Promise<Result<T>>,
  options?: CallOptions,
): Promise<Result<T>> {
  const called = await callObject(openStub, ask, options);
  return called.ok ? called.value : called;
}

function busy(why: string): Result<never> {
  return refuseForNow(`The object behind this name did not answer. ${why}`);
}
