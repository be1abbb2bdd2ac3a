import * as grpc from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import monitorService from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import monitor from "@pulumi/pulumi/proto/resource_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { answeredByCloud, type CloudPlace, createdInCloud } from "local-aws";

/** Pulumi's engine as far as a program needs it to run to its end. */
export interface Engine {
  /** Where the language runtime finds the two services. */
  readonly addresses: { readonly monitor: string; readonly engine: string };
  /** What the program said of errors, since the last time. */
  takeErrors(): string[];
  /** Resources that the program registered, since the last time, as `type::name`; the stack itself is none. */
  takeRegistered(): string[];
  stop(): void;
}

/** What the engine tells the SDK that it can do. */
const features = ["secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith"];

/** Serves both of the engine's services on free ports; resources get the values that the local pipeline would give them. */
export async function startEngine(place: CloudPlace): Promise<Engine> {
  const errors: string[] = [];
  const registered: string[] = [];
  let root = "";
  const monitorServer = await serve(monitorService.ResourceMonitorService, {
    supportsFeature: unary((request: InstanceType<typeof monitor.SupportsFeatureRequest>) => {
      const response = new monitor.SupportsFeatureResponse();
      response.setHassupport(features.includes(request.getId()));
      return response;
    }),
    registerResource: unary((request: InstanceType<typeof monitor.RegisterResourceRequest>) => {
      const [type, name] = [request.getType(), request.getName()];
      if (type !== "pulumi:pulumi:Stack") registered.push(`${type}::${name}`);
      const inputs = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
      const { id, state } = createdInCloud({ type, name, inputs, custom: request.getCustom() }, place);
      const response = new monitor.RegisterResourceResponse();
      response.setUrn(`urn:pulumi:bench::bench::${type}::${name}`);
      response.setId(request.getCustom() ? id : "");
      response.setObject(struct.Struct.fromJavaScript({ ...inputs, ...state } as never));
      return response;
    }),
    registerResourceOutputs: unary(() => new empty.Empty()),
    invoke: unary((request: InstanceType<typeof monitor.ResourceInvokeRequest>) => {
      const inputs = (request.getArgs()?.toJavaScript() ?? {}) as Record<string, unknown>;
      const answer = answeredByCloud({ token: request.getTok(), inputs }, place) ?? {};
      const response = new monitor.ResourceInvokeResponse();
      response.setReturn(struct.Struct.fromJavaScript(answer as never));
      return response;
    }),
    signalAndWaitForShutdown: unary(() => new empty.Empty()),
  });
  const engineServer = await serve(engineService.EngineService, {
    log: unary((request: InstanceType<typeof engine.LogRequest>) => {
      if (request.getSeverity() === engine.LogSeverity.ERROR) errors.push(request.getMessage());
      return new empty.Empty();
    }),
    getRootResource: unary(() => {
      const response = new engine.GetRootResourceResponse();
      response.setUrn(root);
      return response;
    }),
    setRootResource: unary((request: InstanceType<typeof engine.SetRootResourceRequest>) => {
      root = request.getUrn();
      return new engine.SetRootResourceResponse();
    }),
  });
  return {
    addresses: { monitor: monitorServer.address, engine: engineServer.address },
    takeErrors: () => errors.splice(0),
    takeRegistered: () => registered.splice(0),
    stop() {
      monitorServer.server.forceShutdown();
      engineServer.server.forceShutdown();
    },
  };
}

function unary<Request, Response>(
  answer: (request: Request) => Response,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => callback(null, answer(call.request));
}

/** Serves what is implemented; anything else is answered "not implemented", as an older engine would. */
async function serve(service: grpc.ServiceDefinition, implementation: grpc.UntypedServiceImplementation) {
  const unlimited = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const server = new grpc.Server(unlimited);
  server.addService(service, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server, address: `127.0.0.1:${port}` };
}
