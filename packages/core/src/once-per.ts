/**
 * Works something out when it is first asked for, and keeps it: for what follows from a declaration (a route, a tool, its arguments), of which
 * there is a fixed number. Each call asks for it several times; working it out anew took a tenth of what a call takes here.
 */
export function oncePer<K, V>(work: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = work(key);
    known.set(key, value);
    return value;
  };
}
