// The strict client as a program in the place of the proxy: it is told by the same environment, listens on the wildcard
// address, is ready when the proxy would be, and until then no SIGTERM ends it.
import { createServer } from 'node:http'
import { startAgentgateway } from './agentgateway.ts'

const { XDS_ADDRESS = '', NAMESPACE = '', GATEWAY = '', READINESS_ADDR = '', IPV6_ENABLED } = process.env
const { POD_NAME: podName = '', INSTANCE_IP: instanceIp, NODE_NAME: nodeName } = process.env
if (NAMESPACE === '' || GATEWAY === '') throw new Error('NAMESPACE and GATEWAY are required with XDS_ADDRESS')
const xds = new URL(XDS_ADDRESS)
const everywhere = IPV6_ENABLED === 'false' ? '0.0.0.0' : '::'

const proxy = startAgentgateway({
  ...{ xdsHost: xds.hostname, xdsPort: Number(xds.port), namespace: NAMESPACE, gateway: GATEWAY, podName },
  ...(instanceIp === undefined ? {} : { instanceIp }),
  ...(nodeName === undefined ? {} : { nodeName }),
  listenAt: (port) => ({ host: everywhere, port }),
})

const [host = '', port] = READINESS_ADDR.split(':')
const readiness = createServer(({ url }, response) => {
  response.writeHead(url === '/healthz/ready' ? (proxy.isReady ? 200 : 503) : 404).end()
})
if (port !== undefined) readiness.listen(Number(port), host)

process.on('SIGTERM', () => {
  if (proxy.isReady) process.exit(0)
})
