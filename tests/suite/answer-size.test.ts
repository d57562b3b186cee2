import { expect, it } from "vitest";
import { isKept } from "../../scripts/bench/figure.ts";
import { answers } from "../../scripts/bench/size.ts";

it("answers keep to their share of the whole objects, indented", async () => {
  expect((await answers()).filter((figure) => !isKept(figure))).toEqual([]);
});
