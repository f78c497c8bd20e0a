// What tests of every package may start: real servers, golden cases.

export {
  type ControlPlane,
  type ControlPlaneOptions,
  type ControlPlaneProgram,
  startControlPlane,
} from './control-plane.ts'
export { apiServerArguments, controllerManagerArguments, etcdArguments } from './control-plane-arguments.ts'
export { type Echo, type EchoBackend, startEchoBackend } from './echo-backend.ts'
export { endWithParent } from './end-with-parent.ts'
export { type Envoy, type EnvoyOptions, envoyPath, startEnvoy } from './envoy.ts'
export { type FakeKubeApi, type Misanswer, startFakeKubeApi } from './fake-kube-api.ts'
export { expectFree } from './free-port.ts'
export { freePorts } from './free-ports.ts'
export { gatewayDefinition } from './gateway-definition.ts'
export { agentgatewayYaml, configYaml, envoyYaml, infraYaml, type PlaneResource, statusYaml } from './golden-output.ts'
export { type Expectation, type GoldenRequest, replay } from './golden-request.ts'
export { startGrpcBackend } from './grpc-backend.ts'
export { callGrpc, type GrpcAnswer, type GrpcCall } from './grpc-exchange.ts'
export { exchange, type HttpAnswer, type HttpRequest } from './http-exchange.ts'
export { type AdmissionPlace, kubeAdmission } from './kube-admission.ts'
export {
  adminUser,
  controllerManagerUser,
  type KubeUser,
  kubeconfigPath,
  writeKubeCredentials,
} from './kube-credentials.ts'
export {
  type KubeRight,
  type KubeRights,
  kubeRights,
  kubeRightsObjects,
  kubeRulesOf,
  servicesWithRights,
  singleRights,
} from './kube-rights.ts'
export { asUser, type KubeRule, kubeRole } from './kube-role.ts'
export { kubernetesFolder, kubernetesIsBuilt } from './kubernetes-programs.ts'
export { agentgatewayJson, envoyBytes, envoyJson } from './message-json.ts'
export { type NatsCluster, startNatsCluster } from './nats-cluster.ts'
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts'
export { replaceFiles } from './replace-files.ts'
export { until } from './until.ts'
