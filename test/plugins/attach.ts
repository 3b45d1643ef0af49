/** Both stand-ins, served for the engine. */
import type { KeyVault } from "./azure/key-vault";
import { AzurePlugin } from "./azure/plugin";
import { KubernetesPlugin } from "./kubernetes/plugin";
import { servePlugin } from "./rpc";

export interface AttachedPlugins {
  readonly kubernetes: KubernetesPlugin;
  /** For the engine's process: it then uses these plugins and looks for no others. */
  readonly environment: { readonly PULUMI_DEBUG_PROVIDERS: string };
  close(): Promise<void>;
}

/** @param kubeconfig path or content: of the real API server, or of `KubeApi` */
export async function attachPlugins(
  kubeconfig: string,
  vaults: readonly KeyVault[] = [],
): Promise<AttachedPlugins> {
  const kubernetes = new KubernetesPlugin({ kubeconfig });
  const served = [
    ["kubernetes", await servePlugin(kubernetes)],
    ["azure-native", await servePlugin(new AzurePlugin(vaults))],
  ] as const;
  const ports = served.map(([name, { port }]) => `${name}:${port}`).join(",");
  const close = async () => {
    for (const [, plugin] of served) await plugin.close();
  };
  return { kubernetes, environment: { PULUMI_DEBUG_PROVIDERS: ports }, close };
}
