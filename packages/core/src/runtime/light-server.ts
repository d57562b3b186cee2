import { type BaseContext, Server, type ServerContext } from "@modelcontextprotocol/server";

/**
 * The SDK's server, but what a request has at hand is not copied, and the functions in it are made once: a tenth of what the SDK takes of a call.
 * For stdio alone: what comes with a request over HTTP is not handed on.
 */
export class LightServer extends Server {
  readonly #functions: Pick<ServerContext["mcpReq"], "log" | "elicitInput" | "requestSampling"> = {
    // A server of ours sends no log to its client, and does not say that it could.
    log: () => Promise.resolve(),
    elicitInput: (params, options) => this.elicitInput(params, options),
    requestSampling: (params, options) => this.createMessage(params, options),
  };

  protected override buildContext(context: BaseContext): ServerContext {
    const mcpReq = Object.assign(context.mcpReq, this.#functions);
    return Object.assign(context, { mcpReq });
  }
}
