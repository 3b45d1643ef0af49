/** The stack "staging" on the cluster: a namespace, a vault and databases of its own, all gone in the end. */
import { randomBytes } from "node:crypto";

import { KeyVault } from "../../plugins/azure/key-vault";
import { DATABASES, StagingProject } from "../../support/staging-project";
import type { Lab } from "./lab";
import { clusterLibrary } from "./library";
import { makeNamespace, removeNamespace, type ScenarioNamespace, SERVICE } from "./namespace";

export interface Staging {
  readonly stack: StagingProject;
  readonly vault: KeyVault;
  readonly namespace: ScenarioNamespace;
  close(): Promise<void>;
}

/** Configuration of a Job that is not to live long: its deadline has to be longer than a migrator's wait for another. */
export const briefJob = (deadline: string) => ({
  job: { deadline },
  databases: Object.fromEntries(DATABASES.map((name) => [name, { lockWait: "5s" }])),
});

/** With empty databases of the scenario's names, on a server that pods reach. */
export async function openStaging(lab: Lab): Promise<Staging> {
  const vault = new KeyVault("ameide-stg-kv");
  lab.plane.vault = vault;
  vault.url = lab.plane.url;
  const namespace = await makeNamespace(lab, `ameide-${randomBytes(3).toString("hex")}`);
  await lab.makeDatabases();
  const { home } = await clusterLibrary();
  const { host, hostAliases, store: clusterSecretStore, name } = namespace;
  const stack = await StagingProject.open({
    kubeconfig: home.kubeconfig,
    vault,
    password: lab.server.password,
    config: {
      namespace: name,
      server: { host, port: lab.door.port, user: lab.server.user, sslmode: "disable" },
      portForward: { service: SERVICE, port: 5432 },
      secretStore: { clusterSecretStore },
      job: { image: lab.image, hostAliases },
    },
  });
  const close = async () => {
    await stack.close();
    await removeNamespace(name);
    await lab.dropDatabases();
  };
  return { stack, vault, namespace, close };
}
