import { connectivityState, credentials, Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Writes lines under one resource's row in Pulumi's display. */
export interface ResourceLog {
  info(message: string): Promise<void>;
  warning(message: string): Promise<void>;
  error(message: string): Promise<void>;
  /** Shown while it lasts, in the row itself. */
  status(message: string): Promise<void>;
}

/** The engine's address is the provider process's first argument (cmd/dynamic-provider of the Pulumi SDK). */
const ENGINE_ADDRESS = process.argv[2];

let client: EngineClient | undefined;
let reached = false;

/** gRPC closes a channel that is idle for long: then a long migration would look like an engine that is gone. */
const NEVER_IDLE = { "grpc.client_idle_timeout_ms": 2 ** 31 - 1 };

/**
 * A log of the resource. What console.log prints would show under the stack, and spin on EPIPE once the CLI is gone;
 * a log that cannot be delivered is dropped.
 */
export function resourceLog(urn: string): ResourceLog {
  const send = (severity: LogSeverity, ephemeral: boolean) => (message: string) =>
    sendLog(urn, severity, message, ephemeral);
  return {
    info: send(LogSeverity.INFO, false),
    warning: send(LogSeverity.WARNING, false),
    error: send(LogSeverity.ERROR, false),
    status: send(LogSeverity.INFO, true),
  };
}

/**
 * Whether the engine that a log has reached is there no more. The parent process is no sign: Pulumi's own launcher
 * is a shell that stays in between, and outlives a CLI that was killed.
 */
export function isEngineGone(): boolean {
  const state = client?.getChannel().getConnectivityState(false);
  return (
    state === connectivityState.TRANSIENT_FAILURE || (reached && state !== connectivityState.READY)
  );
}

function sendLog(
  urn: string,
  severity: LogSeverity,
  message: string,
  ephemeral: boolean,
): Promise<void> {
  if (ENGINE_ADDRESS === undefined || !ENGINE_ADDRESS.includes(":")) return Promise.resolve();
  client ??= new EngineClient(ENGINE_ADDRESS, credentials.createInsecure(), NEVER_IDLE);
  const request = new LogRequest();
  request.setSeverity(severity);
  request.setMessage(message);
  request.setUrn(urn);
  request.setEphemeral(ephemeral);
  return new Promise((resolve) =>
    client?.log(request, new Metadata(), { deadline: Date.now() + 2000 }, (error) => {
      reached ||= error === null;
      resolve();
    }),
  );
}
