import type { Explanation } from '../core/model/explanation.ts'
import type { ExplainOptions } from './arguments.ts'
import { CliError } from './cli-error.ts'
import { explanationText } from './explanation-text.ts'

/** Asks the server why a job is where it is; what is to be printed. Throws CliError where it does not say. */
export async function explainCommand({ jobId, url, token, json }: ExplainOptions): Promise<string> {
  const explanation = await fetchExplanation(
    new URL(`/v1/jobs/${encodeURIComponent(jobId)}/explain`, url),
    token,
  )
  return json ? `${JSON.stringify(explanation, null, 2)}\n` : explanationText(explanation)
}

async function fetchExplanation(url: URL, token: string): Promise<Explanation> {
  let response: Response
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  } catch {
    throw new CliError(`the server at ${url.origin} does not answer`)
  }
  const reply = (await response.json().catch(() => ({}))) as Explanation & { message?: string }
  if (response.ok) return reply
  throw new CliError(reply.message ?? `the server at ${url.origin} answered ${response.status}`)
}
