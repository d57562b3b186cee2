import type { CustomClaim, User, UserGroup } from "../state.ts";
import { fixedId } from "./fixed-id.ts";

export type GroupName = "members" | "coaches" | "board" | "juniors" | "regatta-2027";

const claim = (key: string, value: string): CustomClaim => ({ key, value });

export const groupId = (name: GroupName): string => fixedId(`group ${name}`);
export const userId = (username: string): string => fixedId(`user ${username}`);

const group = (
  name: GroupName,
  friendlyName: string,
  createdAt: string,
  ...customClaims: CustomClaim[]
): UserGroup => ({
  id: groupId(name),
  createdAt,
  updatedAt: null,
  friendlyName,
  name,
  ldapId: null,
  customClaims,
});

/** Five groups of a rowing club; nobody has signed up for the regatta yet. */
export const groups = (): UserGroup[] => [
  group("members", "Members", "2025-01-11T09:20:00Z", claim("nextcloud_quota", "10 GB")),
  group("coaches", "Coaches", "2025-01-11T09:21:00Z", claim("role", "coach")),
  group("board", "Board", "2025-01-11T09:22:00Z", claim("role", "board"), claim("nextcloud_quota", "100 GB")),
  group("juniors", "Juniors", "2025-02-03T17:05:00Z"),
  group("regatta-2027", "Regatta 2027", "2025-09-14T19:40:00Z"),
];

interface Person {
  readonly username: string;
  readonly name: readonly [first: string, last: string];
  readonly joined: string;
  readonly groups: readonly GroupName[];
  readonly more?: Partial<User>;
}

const CLUB = "riverside-rowing.example";
const ELSEWHERE = "mailbox.example";

const at = (person: string, domain: string) => ({ email: `${person}@${domain}` });

const people: readonly Person[] = [
  {
    username: "alice",
    name: ["Alice", "Moreau"],
    joined: "2025-01-12T18:00:00Z",
    groups: ["members", "coaches"],
    more: { locale: "fr", customClaims: [claim("locker", "12"), claim("boats", '["single","quad"]')] },
  },
  { username: "ben", name: ["Ben", "Carter"], joined: "2025-01-12T18:10:00Z", groups: ["members"] },
  {
    username: "chloe",
    name: ["Chloe", "Nakamura"],
    joined: "2025-01-13T07:45:00Z",
    groups: ["members", "board"],
    more: { customClaims: [claim("role", "treasurer")] },
  },
  {
    username: "dmitri",
    name: ["Dmitri", "Volkov"],
    joined: "2025-01-19T12:30:00Z",
    groups: ["members"],
    more: { disabled: true },
  },
  {
    username: "elif",
    name: ["Elif", "Kaya"],
    joined: "2025-02-03T17:30:00Z",
    groups: ["juniors"],
    more: { ...at("elif.kaya", ELSEWHERE), emailVerified: false },
  },
  {
    username: "femi",
    name: ["Femi", "Adeyemi"],
    joined: "2025-02-04T20:15:00Z",
    groups: ["members", "coaches"],
    more: at("femi", ELSEWHERE),
  },
  { username: "grace", name: ["Grace", "O'Neill"], joined: "2025-02-20T16:00:00Z", groups: ["members", "board"] },
  {
    username: "hugo",
    name: ["Hugo", "Lindqvist"],
    joined: "2025-03-02T10:20:00Z",
    groups: ["juniors"],
    more: { ...at("hugo.l", ELSEWHERE), locale: "sv" },
  },
  {
    username: "ines",
    name: ["Ines", "Duarte"],
    joined: "2025-04-28T21:05:00Z",
    groups: [],
    more: { displayName: "Ines (trial month)" },
  },
  {
    username: "jonas",
    name: ["Jonas", "Weber"],
    joined: "2025-05-06T08:50:00Z",
    groups: [],
    more: { disabled: true, ...at("jonas.weber", ELSEWHERE) },
  },
  {
    username: "zoe",
    name: ["Zoë", "Brandt"],
    joined: "2025-06-17T19:00:00Z",
    groups: ["members"],
    more: { locale: "de" },
  },
];

/** The administrator, who is also on the board. */
export const administrator: Partial<User> = {
  username: "robin",
  email: `robin@${CLUB}`,
  emailVerified: true,
  firstName: "Robin",
  lastName: "Blake",
  displayName: "Robin Blake",
  userGroupIds: [groupId("members"), groupId("board")],
};

export const users = (): User[] =>
  people.map(({ username, name: [firstName, lastName], joined, groups: inGroups, more }) => ({
    id: userId(username),
    createdAt: joined,
    updatedAt: null,
    username,
    email: `${username}@${CLUB}`,
    emailVerified: true,
    firstName,
    lastName,
    displayName: `${firstName} ${lastName}`,
    isAdmin: false,
    locale: null,
    ldapId: null,
    disabled: false,
    userGroupIds: inGroups.map(groupId),
    customClaims: [],
    profilePicture: null,
    ...more,
  }));
