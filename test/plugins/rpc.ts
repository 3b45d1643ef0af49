/** A provider plugin of the tests' own, served over gRPC as the engine expects one (PULUMI_DEBUG_PROVIDERS). */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import {
  type IResourceProviderServer,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

import type { Properties } from "./values";

/** What the engine asks of a provider about one resource. Secrets and unknown values are as in `./values`. */
export interface ProviderPlugin {
  readonly version: string;
  /** Before anything else, with the provider's own inputs. */
  configure?(inputs: Properties): void;
  check(request: CheckRequest): Promise<CheckAnswer>;
  diff(request: DiffRequest): Promise<DiffAnswer>;
  /** @throws PartialFailure where the object exists but is not as it should be */
  create(request: CreateRequest): Promise<CreateAnswer>;
  update(request: UpdateRequest): Promise<Properties>;
  /** @returns undefined where the object is gone */
  read(request: ReadRequest): Promise<ReadAnswer | undefined>;
  delete(request: DeleteRequest): Promise<void>;
  invoke?(token: string, args: Properties): Promise<Properties>;
}

export interface CheckRequest {
  readonly type: string;
  readonly name: string;
  readonly olds: Properties;
  readonly news: Properties;
  readonly seed: Uint8Array;
}
export interface CheckAnswer {
  readonly inputs: Properties;
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
}
export interface DiffRequest {
  readonly type: string;
  readonly id: string;
  readonly outputs: Properties;
  readonly olds: Properties;
  readonly news: Properties;
}
export interface DiffAnswer {
  readonly changed: boolean;
  /** Path → what happens to it. */
  readonly paths: Readonly<Record<string, "add" | "update" | "delete">>;
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}
export interface CreateRequest {
  readonly type: string;
  readonly urn: string;
  readonly inputs: Properties;
  readonly preview: boolean;
  readonly log: Log;
}
export interface CreateAnswer {
  readonly id: string;
  readonly outputs: Properties;
}
export interface UpdateRequest extends CreateRequest {
  readonly id: string;
  readonly outputs: Properties;
  readonly olds: Properties;
}
export interface ReadRequest {
  readonly type: string;
  readonly id: string;
  readonly outputs: Properties;
  readonly inputs: Properties;
}
export interface ReadAnswer extends CreateAnswer {
  readonly inputs: Properties;
}
export interface DeleteRequest {
  readonly type: string;
  readonly id: string;
  readonly outputs: Properties;
}
/** Says something on the resource's row; a passing remark is gone when the row is done. */
export type Log = (severity: "info" | "warning", message: string, passing?: boolean) => void;

/** The object is there, and the state has to know it, but the operation has failed. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly outputs: Properties;
  readonly inputs: Properties;
  readonly reasons: readonly string[];

  constructor(message: string, partial: Omit<PartialFailure, keyof Error>) {
    super(message);
    this.id = partial.id;
    this.outputs = partial.outputs;
    this.inputs = partial.inputs;
    this.reasons = partial.reasons;
  }
}

export interface ServedPlugin {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves the plugin on a free port of 127.0.0.1. */
export async function servePlugin(plugin: ProviderPlugin): Promise<ServedPlugin> {
  const limit = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new grpc.Server(limit);
  server.addService(ResourceProviderService, handlers(plugin) as never);
  const credentials = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { port, close: async () => server.forceShutdown() };
}

function handlers(plugin: ProviderPlugin): Partial<IResourceProviderServer> {
  const engine = new EngineLog();
  return {
    handshake: answer(async (request: proto.ProviderHandshakeRequest) => {
      engine.connect(request.getEngineAddress());
      const response = new proto.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(false);
      response.setAcceptOutputs(false);
      return response;
    }),
    attach: answer(async (request) => {
      engine.connect(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: answer(async () => new PluginInfo().setVersion(plugin.version)),
    checkConfig: answer(async (request: proto.CheckRequest) => {
      const response = new proto.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: answer(async () => new proto.DiffResponse()),
    configure: answer(async (request: proto.ConfigureRequest) => {
      plugin.configure?.(read(request.getArgs()));
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    invoke: answer(async (request: proto.InvokeRequest) => {
      const response = new proto.InvokeResponse();
      const result = await plugin.invoke?.(request.getTok(), read(request.getArgs()));
      if (!result) throw new Error(`the function ${request.getTok()} is not one of this plugin`);
      response.setReturn(write(result));
      return response;
    }),
    cancel: answer(async () => new Empty()),
    ...questions(plugin),
    ...changes(plugin, engine),
  };
}

function questions(plugin: ProviderPlugin): Partial<IResourceProviderServer> {
  return {
    check: answer(async (request: proto.CheckRequest) => {
      const { inputs, failures } = await plugin.check({
        ...identity(request.getUrn()),
        olds: read(request.getOlds()),
        news: read(request.getNews()),
        seed: request.getRandomseed_asU8(),
      });
      const response = new proto.CheckResponse();
      response.setInputs(write(inputs));
      response.setFailuresList(
        failures.map(({ property, reason }) => {
          const failure = new proto.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    }),
    diff: answer(async (request: proto.DiffRequest) =>
      diffResponse(
        await plugin.diff({
          ...identity(request.getUrn()),
          id: request.getId(),
          outputs: read(request.getOlds()),
          olds: read(request.getOldInputs()),
          news: read(request.getNews()),
        }),
      ),
    ),
    read: answer(async (request: proto.ReadRequest) => {
      const response = new proto.ReadResponse();
      const found = await plugin.read({
        ...identity(request.getUrn()),
        id: request.getId(),
        outputs: read(request.getProperties()),
        inputs: read(request.getInputs()),
      });
      if (!found) return response; // no id: it is gone
      response.setId(found.id);
      response.setProperties(write(found.outputs));
      response.setInputs(write(found.inputs));
      return response;
    }),
  };
}

function changes(plugin: ProviderPlugin, engine: EngineLog): Partial<IResourceProviderServer> {
  return {
    create: answer(async (request: proto.CreateRequest) => {
      const { id, outputs } = await plugin.create({
        ...identity(request.getUrn()),
        urn: request.getUrn(),
        inputs: read(request.getProperties()),
        preview: request.getPreview(),
        log: engine.logOf(request.getUrn()),
      });
      const response = new proto.CreateResponse();
      response.setId(id);
      response.setProperties(write(outputs));
      return response;
    }),
    update: answer(async (request: proto.UpdateRequest) => {
      const outputs = await plugin.update({
        ...identity(request.getUrn()),
        urn: request.getUrn(),
        id: request.getId(),
        outputs: read(request.getOlds()),
        olds: read(request.getOldInputs()),
        inputs: read(request.getNews()),
        preview: request.getPreview(),
        log: engine.logOf(request.getUrn()),
      });
      const response = new proto.UpdateResponse();
      response.setProperties(write(outputs));
      return response;
    }),
    delete: answer(async (request: proto.DeleteRequest) => {
      const outputs = read(request.getProperties());
      await plugin.delete({ ...identity(request.getUrn()), id: request.getId(), outputs });
      return new Empty();
    }),
  };
}

function diffResponse({ changed, paths, replaces, deleteBeforeReplace }: DiffAnswer) {
  const { Kind } = proto.PropertyDiff;
  const kinds = {
    add: [Kind.ADD, Kind.ADD_REPLACE],
    update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
    delete: [Kind.DELETE, Kind.DELETE_REPLACE],
  } as const;
  const { DIFF_SOME, DIFF_NONE } = proto.DiffResponse.DiffChanges;
  const response = new proto.DiffResponse();
  response.setChanges(changed ? DIFF_SOME : DIFF_NONE);
  response.setReplacesList([...replaces]);
  response.setDiffsList([
    ...new Set(Object.keys(paths).map((path) => path.split(/[.[]/)[0] ?? "")),
  ]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const [path, what] of Object.entries(paths)) {
    const property = new proto.PropertyDiff();
    property.setKind(kinds[what][replaces.includes(path) ? 1 : 0]);
    property.setInputdiff(true);
    response.getDetaileddiffMap().set(path, property);
  }
  return response;
}

/** `urn:pulumi:<stack>::<project>::<parent$type>::<name>` */
function identity(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").at(-1) ?? "", name: name.join("::") };
}

function answer<Q, A>(work: (request: Q) => Promise<A>): grpc.handleUnaryCall<Q, A> {
  return (call, callback) => {
    work(call.request).then(
      (value) => callback(null, value),
      (error: unknown) => callback(errorOf(error)),
    );
  };
}

function errorOf(error: unknown): grpc.ServiceError {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const metadata = new grpc.Metadata();
  if (error instanceof PartialFailure) {
    const detail = new proto.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(write(error.outputs));
    detail.setInputs(write(error.inputs));
    detail.setReasonsList([...error.reasons]);
    const packed = new Any();
    packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  const code = grpc.status.UNKNOWN;
  return Object.assign(new Error(message), { code, details: message, metadata });
}

const read = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};

/** A Struct knows no `undefined`. */
function write(properties: Properties): Struct {
  const plain = JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>;
  return Struct.fromJavaScript(plain);
}

/** The engine's own log: each line belongs to a resource. */
class EngineLog {
  #client: EngineClient | undefined;

  connect(address: string): void {
    if (address) this.#client = new EngineClient(address, grpc.credentials.createInsecure());
  }

  logOf(urn: string): Log {
    return (severity, message, passing = false) => {
      const request = new LogRequest();
      request.setSeverity(severity === "info" ? LogSeverity.INFO : LogSeverity.WARNING);
      request.setMessage(message);
      request.setUrn(urn);
      request.setEphemeral(passing);
      // The engine may have gone: what it has not heard is not needed any more.
      this.#client?.log(request, () => undefined);
    };
  }
}
