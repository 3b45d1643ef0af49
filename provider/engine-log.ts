import { credentials, Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Writes lines under one resource's row in Pulumi's display. */
export interface ResourceLog {
  info(message: string): Promise<void>;
  warning(message: string): Promise<void>;
  /** Shown while it lasts, in the row itself. */
  status(message: string): Promise<void>;
}

/** The engine's address is the provider process's first argument (cmd/dynamic-provider of the Pulumi SDK). */
const ENGINE_ADDRESS = process.argv[2];

let client: EngineClient | undefined;

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
    status: send(LogSeverity.INFO, true),
  };
}

function sendLog(
  urn: string,
  severity: LogSeverity,
  message: string,
  ephemeral: boolean,
): Promise<void> {
  if (ENGINE_ADDRESS === undefined || !ENGINE_ADDRESS.includes(":")) return Promise.resolve();
  client ??= new EngineClient(ENGINE_ADDRESS, credentials.createInsecure());
  const request = new LogRequest();
  request.setSeverity(severity);
  request.setMessage(message);
  request.setUrn(urn);
  request.setEphemeral(ephemeral);
  return new Promise((resolve) =>
    client?.log(request, new Metadata(), { deadline: Date.now() + 2000 }, () => resolve()),
  );
}
