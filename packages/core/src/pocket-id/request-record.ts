import { loggedPath, methodOf, type RequestOptions } from "./request.ts";
import type { Route } from "./versions.ts";

/** What is known of a request that has ended, for logs. Holds no body, no key and no parameter that is a secret. */
export interface RequestRecord {
  readonly route: Route;
  readonly method: string;
  /** Made when it is asked for. */
  readonly path: string;
  /** Id in the path of the object that the request is about. */
  readonly resourceId: string | null;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly durationMs: number;
}

/** How a request ended. */
export type Ending = Pick<RequestRecord, "status" | "code" | "requestId" | "durationMs">;

/** A class, because there is one for each request, and what few ask for is worked out when they do. */
export class EndedRequest implements RequestRecord {
  readonly route: Route;
  readonly status: number | null;
  readonly code: string | null;
  readonly requestId: string | null;
  readonly durationMs: number;
  readonly #params: RequestOptions["params"];

  constructor(route: Route, params: RequestOptions["params"], { status, code, requestId, durationMs }: Ending) {
    this.route = route;
    this.#params = params;
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.durationMs = durationMs;
  }

  get method(): string {
    return methodOf(this.route);
  }

  get path(): string {
    return loggedPath(this.route, this.#params);
  }

  get resourceId(): string | null {
    return this.#params?.id ?? this.#params?.clientId ?? null;
  }
}
