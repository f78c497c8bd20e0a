// The demo's backend: tells who it is and what it was asked. PORTS is a list such as "hello-v1=13000,hello-v2=13001".
import { createServer } from 'node:http'

for (const entry of (process.env.PORTS ?? 'hello-v1=13000').split(',')) {
  const [name, port] = entry.split('=')
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    response.setHeader('content-type', 'application/json')
    response.end(`${JSON.stringify({ backend: name, method, path: url, headers }, null, 2)}\n`)
  })
  server.listen(Number(port), '127.0.0.1')
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
