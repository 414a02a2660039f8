import { describe, expect, it } from 'vitest'
import { app } from '../../../src/api/app.ts'
import { stubbedEnv } from '../../support/api-env.ts'

async function send(body: string, authorization = 'Bearer the-admin-token') {
  const request = new Request('http://localhost/', {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      ...(authorization ? { authorization } : {}),
    },
  })
  const response = await app.fetch(request, stubbedEnv())
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

describe('GetCallerIdentity', () => {
  it('tells the account and an identity that never changes', async () => {
    const answer = await send('Action=GetCallerIdentity&Version=2011-06-15')
    expect(answer).toMatchObject({ status: 200, type: 'text/xml' })
    expect(answer.body).toMatch(
      /^<GetCallerIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user\/admin<\/Arn><UserId>AIDA000000[0-9A-Z]{11}<\/UserId><Account>123456789012<\/Account><\/GetCallerIdentityResult><ResponseMetadata><RequestId>[0-9a-f-]{36}<\/RequestId><\/ResponseMetadata><\/GetCallerIdentityResponse>$/,
    )
    const userId = /<UserId>(.*)<\/UserId>/.exec(answer.body)?.[1]
    expect((await send('Action=GetCallerIdentity')).body).toContain(`<UserId>${userId}</UserId>`)
  })

  it.each<[string, string, number, string, string | undefined]>([
    ['an unknown action', 'Action=Assume%3CRole', 400, 'InvalidAction', undefined],
    ['no action', '', 400, 'InvalidAction', undefined],
    ['bytes that are no form', '\ufffd=%ff&Action=', 400, 'InvalidAction', undefined],
    ['nobody', 'Action=GetCallerIdentity', 403, 'MissingAuthenticationToken', ''],
    ['an unknown token', 'Action=GetCallerIdentity', 403, 'InvalidClientTokenId', 'Bearer x'],
    ['the agent token', 'Action=GetCallerIdentity', 403, 'AccessDenied', 'Bearer the-agent-token'],
  ])('refuses %s in XML', async (_, body, status, code, authorization) => {
    const answer = await send(body, authorization)
    expect(answer).toMatchObject({ status, type: 'text/xml' })
    expect(answer.body).toMatch(/^<ErrorResponse xmlns="[^"]+"><Error><Type>Sender<\/Type><Code>/)
    expect(answer.body).toContain(`<Code>${code}</Code>`)
    expect(answer.body).not.toContain('Assume<')
  })
})
