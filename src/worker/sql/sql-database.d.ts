/**
 * The little of SQL that a store needs: synchronous statements with bound parameters. The runtime's own database and
 * Node's both fit behind it, so that every store is tested against both.
 *
 * Keep the text of a statement constant: the runtime caches prepared statements by their text.
 */
export type SqlValue = string | number | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;
export interface SqlDatabase {
  /** Runs one statement and returns all its rows. */
  all(statement: string, ...bindings: readonly SqlValue[]): readonly SqlRow[];
  /** Runs `body` in one transaction: all of it, or, when it throws, nothing. */
  transaction(body: () => void): void;
}
