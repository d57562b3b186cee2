/**
 * Works something out when it is first asked for, and keeps it: for what follows from a declaration (a route, a tool, its arguments), of which
 * there is a fixed number. Each call asks for it several times; working it out anew took a tenth of what a call takes here.
 */
export function oncePer<F extends (key: never) => unknown>(work: F): F {
  const known = new Map<unknown, unknown>();
  const remembered = (key: never): unknown => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = work(key);
    known.set(key, value);
    return value;
  };
  // What is known of a key was worked out of that key.
  return remembered as F;
}
