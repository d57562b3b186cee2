import { serverConfig } from "../../scripts/bundle/server.ts";

export default serverConfig();
