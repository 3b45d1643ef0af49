/** The components, for programs of other stacks. */
export { AzureSecretStore, type AzureSecretStoreArgs } from "./azure-secret-store";
export { type Credentials, databaseUrl, type DatabaseAddress, urlTemplate } from "./database-url";
export {
  DatabaseUrlSecret,
  type DatabaseUrlSecretArgs,
  type VersionedVaultValue,
} from "./database-url-secret";
export { type StoreReference } from "./external-secret-spec";
export { KeyVaultSecret, type KeyVaultSecretArgs } from "./key-vault-secret";
export { migrateDatabases } from "./migrate-databases";
export {
  type DatabaseOutput,
  MigratedDatabase,
  type MigratedDatabaseArgs,
  type SecretReference,
  type ServiceSecretArgs,
} from "./migrated-database";
export { MigrationCluster } from "./migration-cluster";
export { MigrationJob, type MigrationJobArgs } from "./migration-job";
export { PlainSecret, type PlainSecretArgs } from "./plain-secret";
