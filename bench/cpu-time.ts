import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** CPU time used so far, user and kernel, milliseconds. `children`: of those that have ended and were waited for. */
export type CpuTime = { own: number; children: number }

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** What a process has used. Fields 14 to 17 of proc_pid_stat(5), in clock ticks of 10 ms as a rule. */
export function cpuTimeOf(pid: number): CpuTime {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ms = (field: number) => (Number(fields[field - 3]) * 1000) / ticksPerSecond
  return { own: ms(14) + ms(15), children: ms(16) + ms(17) }
}
