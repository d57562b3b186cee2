import { type ApiKeys, apiKeysOf } from "./api-keys.ts";
import { type Apis, apisOf } from "./apis.ts";
import { type ApplicationConfiguration, applicationConfigurationOf } from "./application-configuration.ts";
import { type ApplicationImages, applicationImagesOf } from "./application-images.ts";
import { type AuditLogs, auditLogsOf } from "./audit-logs.ts";
import { type Connection, type ConnectionOptions, openConnection, type Scope } from "./connection.ts";
import { type CustomClaims, customClaimsOf } from "./custom-claims.ts";
import { type Found, finders, type ReferenceKind } from "./finders.ts";
import { type GroupEffects, groupEffectsOf } from "./group-effects.ts";
import { checkHealth, type Health } from "./health.ts";
import { type Instance, instanceOf } from "./instance.ts";
import { type LockOut, lockOutOf } from "./lock-out.ts";
import { type OidcClients, oidcClientsOf } from "./oidc-clients.ts";
import { type OneTimeAccess, oneTimeAccessOf } from "./one-time-access.ts";
import { type Passkeys, passkeysOf } from "./passkeys.ts";
import { type People, peopleOf } from "./people.ts";
import { type ProfilePictures, profilePicturesOf } from "./profile-pictures.ts";
import { findAll, findOne, type Reference } from "./reference.ts";
import { requireFeature } from "./requirements.ts";
import { type ScimProviders, scimProvidersOf } from "./scim-providers.ts";
import { type SignupTokens, signupTokensOf } from "./signup-tokens.ts";
import { type UserGroups, userGroupsOf } from "./user-groups.ts";
import { type Users, usersOf } from "./users.ts";
import type { Feature, ServerVersion } from "./versions.ts";

/**
 * Administers one Pocket ID instance.
 *
 * ```ts
 * const pocketId = new PocketIdClient({ url: "https://id.example.com", apiKey });
 * for await (const user of pocketId.users.all({ search: "ali" })) console.log(user.username);
 * await pocketId.oidcClients.update("immich", { name: "Photos" }); // nothing else changes
 * ```
 *
 * Nothing is sent before the first call. Every method throws a {@link PocketIdError} if Pocket ID refuses or does not answer, and an
 * {@link InputError} if an argument is wrong, in which case nothing was changed.
 */
export class PocketIdClient {
  readonly #connection: Connection;

  /** @throws {InputError} if the address cannot be used */
  constructor(options: ConnectionOptions | Connection) {
    this.#connection = "request" in options ? options : openConnection(options);
  }

  // Made when it is asked for: a call narrows the connection down several times, and uses one or two of these.

  get users(): Users {
    return usersOf(this.#connection);
  }

  get userGroups(): UserGroups {
    return userGroupsOf(this.#connection);
  }

  get oidcClients(): OidcClients {
    return oidcClientsOf(this.#connection);
  }

  get apis(): Apis {
    return apisOf(this.#connection);
  }

  get scimProviders(): ScimProviders {
    return scimProvidersOf(this.#connection);
  }

  get customClaims(): CustomClaims {
    return customClaimsOf(this.#connection);
  }

  get passkeys(): Passkeys {
    return passkeysOf(this.#connection);
  }

  get people(): People {
    return peopleOf(this.#connection);
  }

  get profilePictures(): ProfilePictures {
    return profilePicturesOf(this.#connection);
  }

  get signupTokens(): SignupTokens {
    return signupTokensOf(this.#connection);
  }

  get oneTimeAccess(): OneTimeAccess {
    return oneTimeAccessOf(this.#connection);
  }

  get apiKeys(): ApiKeys {
    return apiKeysOf(this.#connection);
  }

  get applicationConfiguration(): ApplicationConfiguration {
    return applicationConfigurationOf(this.#connection);
  }

  get applicationImages(): ApplicationImages {
    return applicationImagesOf(this.#connection);
  }

  get auditLogs(): AuditLogs {
    return auditLogsOf(this.#connection);
  }

  get instance(): Instance {
    return instanceOf(this.#connection);
  }

  /** What changes around groups would do. */
  get groupEffects(): GroupEffects {
    return groupEffectsOf(this.#connection);
  }

  /** Refuses what would leave nobody who can sign in as an administrator, before it is done. */
  get lockOut(): LockOut {
    return lockOutOf(this.#connection);
  }

  /** Origin of the instance. */
  get origin(): string {
    return this.#connection.origin;
  }

  /** The running version: asked once, then remembered. */
  version(): Promise<ServerVersion> {
    return this.#connection.version();
  }

  /** Says whether the running version has a feature. */
  supports(feature: Feature): Promise<boolean> {
    return this.#connection.supports(feature);
  }

  /** Refuses an argument that the running version would ignore. @throws {InputError} naming it and the version it needs */
  require(feature: Feature, field: string): Promise<void> {
    return requireFeature(this.#connection, feature, field);
  }

  /**
   * Finds one object by id or natural key.
   * @param field what to call it in an error
   * @throws {InputError} with candidates if there is none, or several
   */
  find<K extends ReferenceKind>(kind: K, reference: string, field: string = kind): Promise<Found[K]> {
    return findOne(finders[kind](this.#connection), reference, field);
  }

  /** Finds several, each once. @throws {InputError} at the first that names none or several */
  findAll<K extends ReferenceKind>(
    kind: K,
    references: readonly Reference<Found[K]>[],
    field: string = `${kind}s`,
  ): Promise<Found[K][]> {
    return findAll(finders[kind](this.#connection), references, field);
  }

  /** Looks at liveness, key, owner, version and issuer. Does not throw for what Pocket ID answers. */
  health(): Promise<Health> {
    return checkHealth(this.#connection);
  }

  /** The same instance over the same connections, within narrower limits: only some operations, with a signal that cancels. */
  within(scope: Scope): PocketIdClient {
    return new PocketIdClient(this.#connection.within(scope));
  }

  /** Ends the connections; requests under way are cancelled. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}
