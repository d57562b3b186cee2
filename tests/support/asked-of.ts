import { expect } from "vitest";
import type { Used } from "./use-server.ts";

/** What a call is asked about where the person says no, without the tool and the instance that stand behind it; nothing is sent. */
export async function askedOf(mcp: Used, tool: string, args: Record<string, unknown>): Promise<string> {
  expect(await mcp.fails(tool, args)).toMatch(/The person said no/);
  expect(mcp.sandbox.requests.filter(({ method }) => method !== "GET")).toEqual([]);
  const [question = "", ...others] = mcp.questions;
  expect(others).toEqual([]);
  const suffix = ` [${tool} on ${new URL(mcp.sandbox.url).host}]`;
  expect(question.endsWith(suffix), question).toBe(true);
  return question.slice(0, -suffix.length);
}
