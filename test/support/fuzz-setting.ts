/** What `test/worker/fuzz` is told: how many seconds to go on, none for the usual cases, and which cases to begin with. */
export interface FuzzSetting {
  readonly seconds: number;
  readonly seed: number;
}

declare module "vitest" {
  interface ProvidedContext {
    readonly fuzz: FuzzSetting;
  }
}

/** The same cases each time, unless the environment asks for a soak: then new ones. */
export function fuzzSetting(env: Readonly<Record<string, string | undefined>>): FuzzSetting {
  const seconds = Number(env["WEIR_FUZZ_S"] ?? 0);
  const seed = Number(env["WEIR_FUZZ_SEED"] ?? (seconds > 0 ? Date.now() % 1e9 : 1));
  return { seconds, seed };
}
