// What tests of every package may start: real servers, golden cases.

export { type Echo, type EchoBackend, startEchoBackend } from './echo-backend.ts'
export { type Envoy, type EnvoyOptions, envoyPath, startEnvoy } from './envoy.ts'
export { envoyJson } from './envoy-json.ts'
export { expectFree } from './free-port.ts'
export { configYaml, type EnvoyResource, envoyYaml, statusYaml } from './golden-output.ts'
export { type Expectation, type GoldenRequest, replay } from './golden-request.ts'
export { exchange, type HttpAnswer, type HttpRequest } from './http-exchange.ts'
export { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts'
export { until } from './until.ts'
