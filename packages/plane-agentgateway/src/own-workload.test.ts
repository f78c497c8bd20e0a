import { describe, expect, it } from '@jest/globals'
import { Address } from './gen/agentgateway/workload.ts'
import { type NodeMetadata, ownWorkload } from './own-workload.ts'

const pod = { NAME: 'gw-7f', NAMESPACE: 'default', INSTANCE_IPS: '10.0.0.7', NODE_NAME: 'n1', role: 'default~gw' }
const workloadOf = (metadata: NodeMetadata) => {
  const own = ownWorkload(metadata)
  return own && Address.decode(own.resource.body).type?.value
}

// Reference: data-planes.md, "Node identity", and appendix D, "Own workload".
describe('the workload of a proxy itself', () => {
  it('is what the proxy said of its pod', () => {
    expect(ownWorkload(pod)).toMatchObject({ name: 'Kubernetes//Pod/default/gw-7f' })
    expect(workloadOf(pod)).toMatchObject({
      uid: 'Kubernetes//Pod/default/gw-7f',
      name: 'gw-7f',
      namespace: 'default',
      node: 'n1',
      addresses: [Uint8Array.of(10, 0, 0, 7)],
    })
  })

  it.each<[string, NodeMetadata]>([
    ['no pod', { ...pod, NAME: '' }],
    ['no namespace', { NAME: 'gw-7f' }],
    ['nothing', {}],
  ])('is not there for %s', (_, metadata) => expect(ownWorkload(metadata)).toBeUndefined())

  it.each(['', 'nonsense', '10.0.0'])('has no address where %j was said', (said) =>
    expect(workloadOf({ ...pod, INSTANCE_IPS: said })).toMatchObject({ name: 'gw-7f', addresses: [] }),
  )
})
