import type { Call } from "./http/call.ts";
import { now } from "./moments.ts";
import { newId } from "./random.ts";

/** The events that Pocket ID writes down; it belongs to the user whom it concerns, not to who did it. */
export function logEvent(call: Call, event: string, userId: string, data: Record<string, string> = {}): void {
  const { country, city } = locationOf(call.ipAddress);
  call.state.auditLog.push({
    id: newId(),
    createdAt: now(),
    event,
    ipAddress: call.ipAddress === "" ? null : call.ipAddress,
    country,
    city,
    userAgent: call.userAgent,
    userId,
    data,
  });
}

/** Without a GeoLite database Pocket ID knows only addresses that are not on the internet. */
function locationOf(address: string): { country: string; city: string } {
  if (/^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./.test(address))
    return { country: "Internal Network", city: "Tailscale" };
  if (/^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe80:)/i.test(address)) {
    return { country: "Internal Network", city: "LAN" };
  }
  return { country: "", city: "" };
}

/** "Firefox on Linux x86_64": what Pocket ID shows instead of the user agent. */
export function deviceOf(userAgent: string): string {
  const [system, version] = systemOf(userAgent);
  return `${browserOf(userAgent)} on ${system} ${version}`;
}

function browserOf(userAgent: string): string {
  if (!userAgent.startsWith("Mozilla/")) return /^[^/\s]*/.exec(userAgent)?.[0] ?? "";
  if (/\bEdg(e|A|iOS)?\//.test(userAgent)) return "Edge";
  if (/\bFirefox\//.test(userAgent)) return "Firefox";
  if (/\bChrome\//.test(userAgent)) return "Chrome";
  return /\bSafari\//.test(userAgent) ? "Safari" : "";
}

function systemOf(userAgent: string): [name: string, version: string] {
  const windows = /Windows NT ([\d.]+)/.exec(userAgent);
  if (windows) return ["Windows", windows[1] ?? ""];
  const ios = /\((?:iPhone|iPad).*? OS ([\d_]+)/.exec(userAgent);
  if (ios) return ["iOS", (ios[1] ?? "").replaceAll("_", ".")];
  const mac = /Mac OS X ([\d_.]+)/.exec(userAgent);
  if (mac) return ["macOS", (mac[1] ?? "").replaceAll("_", ".")];
  const android = /Android ([\d.]+)/.exec(userAgent);
  if (android) return ["Android", android[1] ?? ""];
  const linux = /Linux ([\w]+)/.exec(userAgent);
  return linux ? ["Linux", linux[1] ?? ""] : ["", ""];
}
