import { limits } from '../limits.ts'

const dayMs = 86_400_000

/**
 * For how long jobs stay after their end, milliseconds, from the deployment's setting: a number of days as text, 14 where
 * there is none. Throws at what is no such number, so that nothing is deleted by mistake.
 */
export function historyMs(days = '14'): number {
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(days) || Number(days) < limits.historyDaysMin)
    throw new Error(`HISTORY_DAYS must be a number of days from ${limits.historyDaysMin}, not '${days}'`)
  return Number(days) * dayMs
}
