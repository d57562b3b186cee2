import { describe, expect, it } from "vitest";
import { leftToNobody, openedBy } from "../src/pocket-id/group-effect-rules.ts";

const group = (id: string) => ({ id });
const client = (id: string, ...groups: string[]) => ({ id, name: id, groups: groups.map(group) });
const clients = [client("photos", "members", "juniors"), client("stats", "board"), client("closed")];
const ids = (some: readonly { id: string }[]) => some.map(({ id }) => id);

describe("clients that open to a person", () => {
  it.each([
    [[], ["members"], ["photos"]],
    [[], ["members", "board"], ["photos", "stats"]],
    [["juniors"], ["juniors", "members"], []],
    [["juniors"], ["board"], ["stats"]],
    [["board"], ["board", "coaches"], []],
    [["members"], [], []],
  ])("who was in %j and is in %j then: %j", (before, after, opened) =>
    expect(ids(openedBy(clients, before.map(group), after.map(group)))).toEqual(opened),
  );

  it("close to one who goes the other way", () => {
    expect(ids(openedBy(clients, [group("juniors")], [group("members"), group("board")]))).toEqual(["stats"]);
  });
});

describe("clients that are left to nobody", () => {
  const members: Record<string, number> = { members: 3, juniors: 2, board: 1 };
  const left = (changes: Record<string, number>) =>
    ids(
      leftToNobody(clients, {
        before: (id) => members[id] ?? 0,
        after: (id) => changes[id] ?? members[id] ?? 0,
      }),
    );

  it.each([
    [{ board: 0 }, ["stats"]],
    [{ members: 0 }, []],
    [{ members: 0, juniors: 0 }, ["photos"]],
    [{ board: 1 }, []],
    [{}, []],
  ])("when groups have %j members: %j", (changes, nobody) => expect(left(changes)).toEqual(nobody));
});
