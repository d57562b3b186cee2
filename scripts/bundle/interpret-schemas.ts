import { config } from "zod/v4/core";

// Zod makes a function out of each schema when it is first used. A server uses most of its schemas once: without that it lists its tools 4 ms
// earlier and answers its first call 25 ms earlier. Those that it uses often are compiled later (tier-up.ts). Has to come before any schema is made.
config({ jitless: true });
