import { describe, expect, it } from 'vitest'
import { batchArn, ecsArn, resourceName } from '../../../src/core/model/deployment.ts'

const deployment = { partition: 'aws', region: 'eu-central-1', accountId: '123456789012', salt: '' }

describe('ARNs of a deployment', () => {
  it('have the forms that clients parse', () => {
    expect(batchArn(deployment, 'job-queue/q')).toBe('arn:aws:batch:eu-central-1:123456789012:job-queue/q')
    expect(ecsArn(deployment, 'task/e/1')).toBe('arn:aws:ecs:eu-central-1:123456789012:task/e/1')
  })

  it.each([
    ['a bare name', 'q', 'q'],
    ['an ARN', 'arn:aws:batch:eu-central-1:123456789012:job-queue/q', 'q'],
    ['an ARN of another kind', 'arn:aws:batch:eu-central-1:123456789012:job/q', undefined],
    ['an ARN of another region', 'arn:aws:batch:us-east-1:123456789012:job-queue/q', undefined],
    ['an ARN of another account', 'arn:aws:batch:eu-central-1:999999999999:job-queue/q', undefined],
    ['an ARN of another service', 'arn:aws:ecs:eu-central-1:123456789012:job-queue/q', undefined],
  ])('give the name back from %s', (_, text, name) => {
    expect(resourceName(deployment, 'job-queue', text)).toBe(name)
  })
})
