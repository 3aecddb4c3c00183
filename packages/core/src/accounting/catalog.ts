/** What is known of models: prices for now. Unknown is a value: no entry means no price, never zero. */
import { CATALOG_DATA } from './catalog-data.js'
import type { CatalogEntry, CatalogOverrides } from './price.js'

export interface Catalog {
  /** @param adapter the adapter's name, not the provider's name in the config. */
  find(adapter: string, model: string): CatalogEntry | undefined
}

/** A dated snapshot (`-20250929`, `-2025-04-14`, `-001`, `-preview-09-2025`) or `-latest` is priced like its model. */
const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2}|\d{3}|latest|preview(?:-\d{2}-\d{2,4})?)$/

export function createCatalog(overrides: CatalogOverrides = {}): Catalog {
  const lookUp = (key: string): CatalogEntry | undefined => {
    if (Object.hasOwn(overrides, key)) return overrides[key]
    return Object.hasOwn(CATALOG_DATA, key) ? CATALOG_DATA[key] : undefined
  }
  return {
    find: (adapter, model) => {
      const key = `${adapter}/${model}`
      return lookUp(key) ?? (SNAPSHOT.test(key) ? lookUp(key.replace(SNAPSHOT, '')) : undefined)
    },
  }
}
