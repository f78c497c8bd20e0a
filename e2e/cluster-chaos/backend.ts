// Runs in a pod: what requests of the chaos end at. It names itself, and says back what it hears on streams.
import { createServer } from 'node:http'
import { startGrpcBackend, startWebSocketBackend } from '../chaos/held-backends.ts'

const host = '0.0.0.0'
const name = process.env['BACKEND_NAME'] ?? ''

const plain = createServer((_, answer) => answer.setHeader('x-backend-name', name).end()).listen(8080, host)
// Else a connection that Envoy takes just when it is closed for idleness would fail a request.
plain.keepAliveTimeout = 0
await startWebSocketBackend({ host, port: 8081 })
await startGrpcBackend({ host, port: 8082 })
