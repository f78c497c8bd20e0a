#!/usr/bin/env node
// The strict agentgateway of testkit as a program that is told what to do as the real one is, by the same variables: the
// local stack starts either.
import { createServer } from 'node:http'
import { startAgentgateway } from '@penstock/testkit/agentgateway'

const { XDS_ADDRESS, NAMESPACE: namespace = '', GATEWAY: gateway = '', READINESS_ADDR = '' } = process.env
const { hostname: xdsHost, port: xdsPort } = new URL(XDS_ADDRESS ?? '')
const proxy = startAgentgateway({ xdsHost, xdsPort: Number(xdsPort), namespace, gateway })
const [host, port] = READINESS_ADDR.split(':')
createServer((_, answer) => answer.writeHead(proxy.isReady ? 200 : 503).end()).listen(Number(port), host)
