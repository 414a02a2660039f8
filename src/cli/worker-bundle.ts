import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CliError } from './cli-error.ts'

const sourceFolders = ['src', 'adapters']

/**
 * The path of the built Worker, `dist/worker/worker.js` under the package's root. In a checkout it is built first
 * when a source file is newer; an installed package brings it. Throws CliError when it cannot be built.
 */
export async function prepareWorkerBundle(
  root: string,
  options: { say: (line: string) => void; signal: AbortSignal },
): Promise<string> {
  const bundle = join(root, 'dist', 'worker', 'worker.js')
  const inCheckout = existsSync(join(root, 'src', 'worker.ts'))
  if (inCheckout && isBundleStale(root, bundle)) {
    options.say('building the Worker')
    await buildWorkerBundle(root, options.signal)
  }
  if (!existsSync(bundle)) throw new CliError(`the built Worker is missing: ${bundle}`)
  return bundle
}

/** Whether any source file is newer than the bundle, or there is no bundle. */
export function isBundleStale(root: string, bundle: string): boolean {
  if (!existsSync(bundle)) return true
  const builtAt = statSync(bundle).mtimeMs
  return sourceFolders
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .some((found) => found?.isFile() && found.mtimeMs > builtAt)
}

/** Builds beside the old bundle and then swaps, so that another process never reads half a file. */
async function buildWorkerBundle(root: string, signal: AbortSignal): Promise<void> {
  const target = join(root, 'dist', 'worker')
  const fresh = `${target}.${process.pid}`
  const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js')
  const quiet = {
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    WRANGLER_SEND_METRICS: 'false',
  }
  try {
    mkdirSync(join(root, 'dist'), { recursive: true })
    await promisify(execFile)(process.execPath, [wrangler, 'deploy', '--dry-run', '--outdir', fresh], {
      cwd: root,
      env: { ...process.env, ...quiet },
      signal,
    })
    rmSync(target, { recursive: true, force: true })
    renameSync(fresh, target)
  } catch (error) {
    signal.throwIfAborted()
    const { stderr } = error as { stderr?: string }
    throw new CliError(`the Worker could not be built:\n${stderr || (error as Error).message}`)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}
