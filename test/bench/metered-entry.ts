/**
 * The entry of a Worker that is Weir as it was built, but adds up what its databases read and wrote, as the platform bills
 * it: `GET /rows` tells, and begins anew. Weir's own entry is expected beside it, as `weir.js`.
 *
 * @param classNames of the Durable Objects that it exports
 */
export function meteredEntry(classNames: readonly string[]): string {
  const classes = classNames.map(
    (name) => `export class ${name} extends weir.${name} {
  constructor(ctx, env) { super(metered(ctx), env); }
}`,
  );
  return `import * as weir from "./weir.js";

const total = { read: 0, written: 0 };
const cursors = [];
let isMetered = false;

// A cursor's rows are all there once the next statement runs, for every statement is read to its end.
function settle() {
  for (const cursor of cursors.splice(0)) {
    total.read += cursor.rowsRead;
    total.written += cursor.rowsWritten;
  }
}

function metered(ctx) {
  if (isMetered) return ctx;
  isMetered = true;
  const prototype = Object.getPrototypeOf(ctx.storage.sql);
  const { exec } = prototype;
  prototype.exec = function (...query) {
    settle();
    const cursor = exec.apply(this, query);
    cursors.push(cursor);
    return cursor;
  };
  return ctx;
}

${classes.join("\n")}

export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== "/rows") return weir.default.fetch(request, env, ctx);
    settle();
    const answer = Response.json(total);
    total.read = 0;
    total.written = 0;
    return answer;
  },
};
`;
}
