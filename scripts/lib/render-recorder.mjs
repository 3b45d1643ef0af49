// Runs a Pulumi program without an engine, and takes down what it would register.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** What stands for a value that only an update will know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SECRET_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_MARK = "1b47061264138c4ac30d75fd1eb44270";

/** Whether a registered value is a secret: then `value` of it is the value. */
export const isSecret = (value) =>
  typeof value === "object" && value !== null && value[SECRET_KEY] === SECRET_MARK;

/**
 * Runs `work` as the program of `stack`. With `preview`, what a provider alone can know is unknown, as in a preview.
 * `answer(type, name, inputs)` gives outputs beside the inputs. Returns `{ result, registrations }`, the latter in the
 * order in which they were made.
 */
export async function record({ stack, config = {}, preview = false, answer = () => ({}) }, work) {
  const pulumi = require("@pulumi/pulumi");
  const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks");
  const registrations = [];
  const mocks = {
    call: ({ inputs }) => inputs,
    newResource: ({ type, name, inputs }) => ({
      id: preview ? "" : `${name}-id`,
      state: { ...inputs, ...answer(type, name, inputs) },
    }),
  };
  const original = MockMonitor.prototype.registerResource;
  MockMonitor.prototype.registerResource = function (request, callback) {
    registrations.push(registrationOf(request));
    return original.call(this, request, callback);
  };
  try {
    pulumi.runtime.setAllConfig(config);
    await pulumi.runtime.setMocks(mocks, "tidemark", stack, preview);
    const result = await work();
    await settled(pulumi);
    return { result, registrations };
  } finally {
    MockMonitor.prototype.registerResource = original;
  }
}

function registrationOf(request) {
  const inputs = request.getObject()?.toJavaScript() ?? {};
  return {
    type: request.getType(),
    name: request.getName(),
    parent: lastOf(request.getParent()),
    custom: request.getCustom(),
    inputs,
    dependsOn: request.getDependenciesList().map(lastOf).sort(),
    ...(request.getProvider() && { provider: request.getProvider().split("::")[3] }),
    ...(request.getProtect() && { protect: true }),
    ...(request.getRetainondelete() && { retainOnDelete: true }),
  };
}

/** `type::name` of a URN, the type without its parents'. */
function lastOf(urn) {
  const [, , types = "", name = ""] = urn.split("::");
  return urn === "" ? "" : `${types.split("$").at(-1)}::${name}`;
}

/** All registrations are made, and those that followed from them, too. */
async function settled(pulumi) {
  await pulumi.runtime.disconnect();
}
