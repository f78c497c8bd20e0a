// The Gateway API's own module: its CRDs, and its examples, good and bad.
import { downloadModule } from './go-module.ts'

const gatewayApi = {
  path: 'sigs.k8s.io/gateway-api',
  version: 'v1.7.0',
  sum: 'h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY=',
}

/** Where its files lie; downloaded, if they are nowhere yet. */
export const gatewayApiFolder = (): Promise<string> => downloadModule(gatewayApi)
