import { describe, expect, it } from 'vitest'
import { inputSchema } from '../../../../src/api/batch/model/input-schema.ts'
import { parseInput } from '../../../../src/api/validation.ts'

const definition = (podProperties: object, members: object = {}) => ({
  jobDefinitionName: 'd',
  type: 'container',
  eksProperties: { podProperties },
  ...members,
})
const register = (input: object) => parseInput(inputSchema('RegisterJobDefinition'), input, 'ClientException')
const container = (members: object = {}) => ({ image: 'alpine', ...members })

describe('eksProperties of RegisterJobDefinition', () => {
  it.each<[string, object]>([
    ['one container', { containers: [container()] }],
    [
      'all members',
      {
        serviceAccountName: 'batch',
        hostNetwork: true,
        dnsPolicy: 'ClusterFirst',
        imagePullSecrets: [{ name: 'registry' }],
        shareProcessNamespace: false,
        metadata: { labels: { a: 'b' }, annotations: { c: 'd' }, namespace: 'jobs' },
        volumes: [{ name: 'scratch', emptyDir: { medium: '', sizeLimit: '1Gi' } }],
        initContainers: [container({ name: 'init' })],
        containers: [
          container({
            imagePullPolicy: 'IfNotPresent',
            command: ['sh'],
            args: ['-c', 'true'],
            env: [{ name: 'A', value: '1' }, { name: 'B' }],
            resources: {
              limits: { cpu: '1', memory: '1024Mi', 'nvidia.com/gpu': '1' },
              requests: { cpu: '0.25', memory: '1024Mi' },
            },
            securityContext: { runAsUser: 0, privileged: true },
            volumeMounts: [{ name: 'scratch', mountPath: '/scratch', readOnly: false }],
          }),
        ],
      },
    ],
  ])('accept %s as sent', (_, pod) => {
    const input = definition(pod)
    expect(register(input)).toEqual({ ok: true, value: input })
  })

  const resources = (limits: object, requests: object) => ({
    containers: [container({ resources: { limits, requests } })],
  })
  it.each<[object, string]>([
    [{}, 'containers: required'],
    [{ containers: [] }, 'containers: must not be empty'],
    [{ containers: [{}] }, 'containers[0].image: required'],
    [
      { containers: Array.from({ length: 11 }, () => container()) },
      'containers: must have at most 10 entries',
    ],
    [{ containers: [container(), container()] }, 'containers: must have unique names'],
    [{ containers: [container({ name: '-a' })] }, 'containers[0].name: must match'],
    [
      { containers: [container({ imagePullPolicy: 'Sometimes' })] },
      'containers[0].imagePullPolicy: must be one of Always, IfNotPresent, Never',
    ],
    [{ containers: [container()], dnsPolicy: 'None' }, 'dnsPolicy: must be one of'],
    [
      { containers: [container()], metadata: { namespace: 'kube-system' } },
      'metadata.namespace: must not be',
    ],
    [{ containers: [container()], metadata: { namespace: 'A' } }, 'metadata.namespace: must match'],
    [
      { containers: [container({ env: [{ name: 'AWS_BATCH_X' }] })] },
      'env[0].name: must not begin with the reserved prefix AWS_BATCH',
    ],
    [resources({ memory: '1G' }, {}), 'limits.memory: must be a whole number of at least 4'],
    [resources({ memory: '3Mi' }, {}), 'limits.memory: must be a whole number of at least 4'],
    [resources({ memory: '8Mi' }, { memory: '4Mi' }), 'limits.memory: must be the same as in requests'],
    [resources({ cpu: '0.3' }, {}), 'limits.cpu: must be a multiple of 0.25'],
    [resources({ cpu: '0.5' }, { cpu: '1' }), 'limits.cpu: must not be less than requests'],
    [resources({ 'nvidia.com/gpu': '0.5' }, {}), 'must be a whole number'],
    [
      { containers: [container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] })] },
      'containers[0].volumeMounts[0].name: must be the name of one of volumes',
    ],
    [
      { containers: [container()], volumes: [{ name: 'v', hostPath: { path: '/v' }, emptyDir: {} }] },
      'volumes[0]: must have only one of hostPath, emptyDir, secret, persistentVolumeClaim',
    ],
  ])('refuse %j', (pod, message) => {
    const outcome = register(definition(pod))
    expect(outcome).toMatchObject({ ok: false, refusal: { message: expect.stringContaining(message) } })
  })

  it('are no body without a pod, and refused on FARGATE', () => {
    expect(register({ ...definition({}), eksProperties: {} })).toMatchObject({
      refusal: { message: expect.stringContaining('containerProperties: required') },
    })
    const input = definition({ containers: [container()] }, { platformCapabilities: ['FARGATE'] })
    expect(register(input)).toMatchObject({
      refusal: { message: expect.stringContaining('eksProperties: not available on FARGATE') },
    })
  })
})
