import type { TaskSpec } from './task-spec.ts'

/**
 * One form for all ways to name an image, the one in which engines list what they have: without Docker Hub's names, with the
 * tag `latest` where it has neither tag nor digest, without the tag where it has a digest
 * (github.com/distribution/reference, `FamiliarString` of `ParseNormalizedNamed`). A reference that is none stays as it is.
 */
export function familiarImage(reference: string): string {
  const name = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  const [tagged = '', digest] = name.split('@')
  if (digest !== undefined) return `${tagged.replace(/:[^/:]*$/, '')}@${digest}`
  return tagged === '' || /:[^/]*$/.test(tagged) ? tagged : `${tagged}:latest`
}

/** What a task runs, in that form, each once. */
export function imagesOf({ containers }: Pick<TaskSpec, 'containers'>): string[] {
  return [...new Set(containers.map(({ image }) => familiarImage(image)))]
}
