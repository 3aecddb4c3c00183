import type { CatalogEntry } from './price.js'
export const CATALOG_DATA: Readonly<Record<string, CatalogEntry>> = {}
