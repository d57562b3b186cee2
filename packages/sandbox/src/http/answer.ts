export interface Answer {
  readonly status: number;
  readonly body: Buffer | string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Given by the router itself, before anything that adds headers to every answer. */
  readonly bare?: true;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): Answer {
  return {
    status,
    body: JSON.stringify(value),
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  };
}

export const ok = (value: unknown, headers: Record<string, string> = {}): Answer => json(200, value, headers);

export const created = (value: unknown): Answer => json(201, value);

export const noContent = (headers: Record<string, string> = {}): Answer => ({ status: 204, body: null, headers });

/** Images are publicly cacheable unless the query holds skipCache. */
export function image(bytes: Buffer, type: string, query: URLSearchParams, staleSeconds: number): Answer {
  return { status: 200, body: bytes, headers: { "content-type": type, ...publicCache(query, 900, staleSeconds) } };
}

export function publicCache(query: URLSearchParams, maxAge: number, stale: number): Record<string, string> {
  return query.has("skipCache")
    ? {}
    : { "cache-control": `public, max-age=${maxAge}, stale-while-revalidate=${stale}` };
}
