/** A merge patch of RFC 7386: objects are merged field by field, null removes, all else replaces.
 *
 * What did not change keeps its identity, so that a signal that depends on it stays still.
 */
export function mergePatch<T>(target: T, patch: unknown): T {
  if (!isObject(patch)) return patch as T;
  const base: Record<string, unknown> = isObject(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  let changed = !isObject(target);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      changed ||= key in merged;
      delete merged[key];
      continue;
    }
    const next = mergePatch(base[key], value);
    changed ||= next !== base[key];
    merged[key] = next;
  }
  return (changed ? merged : target) as T;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
