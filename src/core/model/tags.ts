export type Tags = Record<string, string>

/** `add` overwrites what has the same key; `remove` may name keys that are not there. */
export type TagChange = { add: Tags } | { remove: string[] }
