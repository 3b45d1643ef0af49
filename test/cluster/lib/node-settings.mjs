// What containerd, the pod network and the kubelet read.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pki } from "./certificates.mjs";
import { PAUSE_IMAGE, home, network } from "./home.mjs";

export const files = {
  containerd: join(home.data, "containerd.toml"),
  kubelet: join(home.data, "kubelet.json"),
  network: join(home.data, "cni"),
};

export function writeNodeSettings({ ports }) {
  for (const folder of [home.run, home.logs, home.data, files.network])
    mkdirSync(folder, { recursive: true });
  writeJson(join(files.network, "10-bridge.conflist"), podNetwork());
  writeFileSync(files.containerd, containerd());
  writeJson(files.kubelet, kubelet(ports));
}

const writeJson = (file, value) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

function podNetwork() {
  const range = { subnet: network.pods, gateway: network.gateway };
  const ipam = {
    type: "host-local",
    dataDir: join(home.data, "cni-ipam"),
    ranges: [[range]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const bridge = { type: "bridge", bridge: network.bridge, isGateway: true, ipMasq: true };
  const ports = { type: "portmap", capabilities: { portMappings: true } };
  return {
    cniVersion: "0.4.0",
    name: network.name,
    plugins: [{ ...bridge, hairpinMode: true, ipam }, ports],
  };
}

// cgroupfs and no AppArmor: containers of the tests run in containers themselves, without systemd.
const containerd = () => `version = 2
root = "${join(home.data, "containerd")}"
state = "${join(home.run, "containerd")}"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "${home.containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${files.network}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;

// Nothing is evicted for want of disk or memory: that the machine is full is not what the tests are about.
function kubelet(ports) {
  const never = ["memory.available", "nodefs.available", "nodefs.inodesFree", "imagefs.available"];
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "0.0.0.0",
    port: ports.kubelet,
    healthzPort: ports.kubeletHealth,
    tlsCertFile: pki("kubelet-server.crt"),
    tlsPrivateKeyFile: pki("kubelet-server.key"),
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki("ca.crt") },
    },
    authorization: { mode: "Webhook" },
    containerRuntimeEndpoint: `unix://${home.containerdSocket}`,
    cgroupDriver: "cgroupfs",
    enforceNodeAllocatable: [],
    failSwapOn: false,
    failCgroupV1: false,
    resolvConf: "/etc/resolv.conf",
    clusterDomain: "cluster.local",
    volumePluginDir: join(home.data, "kubelet-plugins"),
    podLogsDir: join(home.logs, "pods"),
    evictionHard: {
      ...Object.fromEntries(never.map((name) => [name, "0%"])),
      "imagefs.inodesFree": "0%",
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    serializeImagePulls: true,
    shutdownGracePeriod: "0s",
  };
}
