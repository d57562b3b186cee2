import * as z from "zod";
import { collection } from "./collection.ts";
import { OidcClientReference } from "./oidc-client.ts";

/** A permission as it stands in other objects: the key is the scope that a client asks for. */
export const ApiPermissionName = z.object({ key: z.string(), name: z.string() });
export type ApiPermissionName = z.output<typeof ApiPermissionName>;

export const ApiPermission = z.object({
  id: z.string(),
  ...ApiPermissionName.shape,
  description: z.string().nullish(),
  /** Pocket ID >= 2.14: clients that register themselves may ask for it while the API is open to them. */
  allowedForCimdClients: z.boolean().optional(),
});
export type ApiPermission = z.output<typeof ApiPermission>;

/** An API as it stands in other objects. */
export const ApiReference = z.object({ id: z.string(), name: z.string(), resource: z.string() });
export type ApiReference = z.output<typeof ApiReference>;

/** An OAuth resource server. */
export const Api = z.object({
  ...ApiReference.shape,
  createdAt: z.string().optional(),
  permissions: collection(ApiPermission),
  /** Pocket ID >= 2.14: clients that register themselves may call it. */
  allowCimdClients: z.boolean().optional(),
});
export type Api = z.output<typeof Api>;

/** What a client may do at an API, as Pocket ID sends it. */
export const ApiGrantOnWire = z.looseObject({
  userDelegatedAccess: z.boolean(),
  userDelegatedPermissionIds: collection(z.string()),
  clientAccess: z.boolean(),
  clientPermissionIds: collection(z.string()),
  cimdGrantedAccess: z.boolean().optional(),
  cimdGrantedPermissionIds: collection(z.string()).optional(),
});
export type ApiGrantOnWire = z.output<typeof ApiGrantOnWire>;

const ApiClientReference = z.object({
  ...OidcClientReference.shape,
  isPublic: z.boolean(),
  /** Pocket ID >= 2.13: `cimd` registers itself by a metadata document. */
  clientType: z.string().optional(),
});

export const ApiClientOnWire = z.looseObject({ ...ApiGrantOnWire.shape, client: ApiClientReference });

/** What a client may do at an API: in the name of people who are signed in (user-delegated), and as itself. */
export const ApiGrant = z.object({
  userDelegatedAccess: z.boolean(),
  userDelegatedPermissions: z.array(ApiPermissionName),
  clientAccess: z.boolean(),
  clientPermissions: z.array(ApiPermissionName),
  /** Pocket ID >= 2.14: it may call the API because the API is open to all clients that register themselves. */
  cimdGrantedAccess: z.boolean().optional(),
  cimdGrantedPermissions: z.array(ApiPermissionName).optional(),
});
export type ApiGrant = z.output<typeof ApiGrant>;

/** A client that may call an API. */
export const ApiClient = z.object({ client: ApiClientReference, ...ApiGrant.shape });
export type ApiClient = z.output<typeof ApiClient>;

/** An API that a client may call. */
export const ApiAccess = z.object({ api: ApiReference, ...ApiGrant.shape });
export type ApiAccess = z.output<typeof ApiAccess>;

export const ApiName = z.string().min(1).max(50);

/** Pocket ID >= 2.14 takes a slash from its end. */
export const ApiResource = z
  .string()
  .max(350)
  .regex(
    /^(?!(?:javascript|data):)[a-z][a-z0-9+.-]*:[^\s#]+$/i,
    "give an absolute URI without # or spaces, like https://api.example.com",
  );

const permissionFields = {
  name: z.string().min(1).max(50).describe("Name"),
  description: z.string().max(200).nullable().describe("Description"),
};

export const ApiPermissionKey = z
  .string()
  .max(128)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, "a scope is printable ASCII without spaces, quotes and backslashes");

/** A permission to add. */
export const NewApiPermission = z.strictObject({
  key: ApiPermissionKey.describe("Scope"),
  name: permissionFields.name,
  description: permissionFields.description.optional(),
});
export type NewApiPermission = z.output<typeof NewApiPermission>;

/** A permission to change. Its key stays: it is what the permission is known by. */
export const ApiPermissionPatch = z.strictObject({
  key: ApiPermissionKey.describe("Scope"),
  name: permissionFields.name.optional(),
  description: permissionFields.description.optional(),
});
export type ApiPermissionPatch = z.output<typeof ApiPermissionPatch>;
