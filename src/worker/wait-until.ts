/** Keeps the isolate at work on a promise that must outlive the request in which it was made. */
export type WaitUntil = (promise: Promise<unknown>) => void;
