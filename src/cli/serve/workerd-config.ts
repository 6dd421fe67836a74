/**
 * The runtime's configuration, in its own language (Cap'n Proto text), made from what wrangler read in `wrangler.toml`:
 * a new object or binding there needs nothing here. Holds no path, no port and no secret: those are given on the
 * command line and in the environment of the process.
 */
import type { Unstable_Config } from "wrangler";
import { Refusal } from "./refusal.ts";

export type ModuleKind = "esModule" | "text" | "wasm" | "data";

export interface WorkerModule {
  readonly name: string;
  readonly kind: ModuleKind;
}

/** The parts of wrangler's configuration that a server here is made from. */
export type WorkerConfig = Pick<
  Unstable_Config,
  "name" | "compatibility_date" | "compatibility_flags" | "durable_objects" | "exports"
>;

/** The names that `workerd serve` is given an address and a folder for. */
export const SOCKET_NAME = "http";
export const DISK_NAME = "objects";

/** @param settingNames of the environment variables that become bindings of the same names */
export function workerdConfig(
  config: WorkerConfig,
  modules: readonly WorkerModule[],
  settingNames: readonly string[],
): string {
  const { name, compatibility_date: date } = config;
  if (name === undefined || date === undefined) throw new Refusal("wrangler.toml lacks name or compatibility_date.");
  const bindings = [
    ...config.durable_objects.bindings.map(
      (binding) => `(name = ${text(binding.name)}, durableObjectNamespace = ${text(binding.class_name)})`,
    ),
    ...settingNames.map((setting) => `(name = ${text(setting)}, fromEnvironment = ${text(setting)})`),
  ];
  // The key is part of every object's id, and so of where its data lies: it must never change.
  const namespaces = objectClasses(config).map(
    (className) => `(className = ${text(className)}, uniqueKey = ${text(`${name}-${className}`)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "${DISK_NAME}", disk = (writable = true)),
    # Whoever signs the tokens may be on this machine, or in a network of its own.
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "${SOCKET_NAME}", http = (), service = "worker")],
);

const worker :Workerd.Worker = (
  compatibilityDate = ${text(date)},
  compatibilityFlags = ${list(config.compatibility_flags.map(text))},
  modules = ${list(modules.map((module) => `(name = ${text(module.name)}, ${module.kind} = embed ${text(`/${module.name}`)})`))},
  bindings = ${list(bindings)},
  durableObjectNamespaces = ${list(namespaces)},
  durableObjectStorage = (localDisk = "${DISK_NAME}"),
);
`;
}

function objectClasses(config: WorkerConfig): readonly string[] {
  return Object.entries(config.exports ?? {}).flatMap(([className, { type }]) =>
    type === "durable-object" ? [className] : [],
  );
}

/** A string of Cap'n Proto: names here are identifiers and file names, and everything else is escaped by its bytes. */
function text(value: string): string {
  const escaped = Buffer.from(value)
    .toString("latin1")
    .replace(/[^ !#-[\]-~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? "[]" : `[\n    ${items.join(",\n    ")},\n  ]`;
}
