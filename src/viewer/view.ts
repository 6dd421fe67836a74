/**
 * What a feature is to the page: one view, shown while the address names a thing of its kind. To add a feature, write a
 * view, a template for it in `index.html`, and one line in `index.ts`.
 */
import type { WeirClient } from "../client/index.ts";
import type { ConnectionStatus } from "./connection-words.ts";

/** What a view may do to the page around it. */
export interface Shell {
  readonly client: WeirClient;
  /** Shows the state of the view's connection, and how to change it. */
  showConnection(connection: ShownConnection): void;
  /** Says something to those who don't see it. Many in a row become one. */
  announce(text: string): void;
}

export interface ShownConnection {
  readonly status: ConnectionStatus;
  /** Connects without waiting for the timer. */
  connect(): void;
  /** Stays disconnected until {@link connect}. */
  disconnect(): void;
}

export interface View {
  /** In the navigation. */
  readonly label: string;
  /** What one of its things is called, in the title. */
  readonly kind: string;
  /** Of the field by which another of its things is opened. */
  readonly openLabel: string;
  /** The key in the address that names the thing: `/?set=cart`. */
  readonly param: string;
  readonly defaultName: string;
  /** The name as the title has it, where that isn't the name itself. */
  titled?(name: string): string;
  /** Other things are named by editing the name of this one, which is why the field holds it. */
  readonly editsName?: boolean;
  /** Says in a sentence what is wrong with a name; `undefined` if nothing is. */
  refuseName(name: string): string | undefined;
  /** Shows the thing with this name in `host`, which is empty, until the answer is called. */
  mount(host: HTMLElement, name: string, shell: Shell): () => void;
}
