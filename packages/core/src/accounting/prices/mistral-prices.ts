import { usd, type PriceList } from './price-list.js'

const LARGE = usd(0.5, 1.5, 0.05)
const MEDIUM = usd(1.5, 7.5, 0.15)
const SMALL = usd(0.15, 0.6, 0.015)
const CODESTRAL = usd(0.3, 0.9, 0.03)
const DEVSTRAL = usd(0.4, 2, 0.04)

/**
 * The names ending in `latest` cost what the model costs that they stand for; the source lists older prices for two of
 * them. Models that bill audio by the hour are left out: unknown.
 */
export const MISTRAL_PRICES: PriceList = {
  asOf: '2026-09-23',
  source: 'genai-prices 0.1.8 (mistral.ai/pricing)',
  prices: {
    'mistral-large-2512': LARGE,
    'mistral-large-latest': LARGE,
    'mistral-medium-3-5': MEDIUM,
    'mistral-medium-latest': MEDIUM,
    'mistral-medium-2508': usd(0.4, 2, 0.04),
    'mistral-small-2603': SMALL,
    'mistral-small-latest': SMALL,
    'ministral-14b-2512': usd(0.2, 0.2, 0.02),
    'ministral-14b-latest': usd(0.2, 0.2, 0.02),
    'ministral-8b-2512': usd(0.15, 0.15, 0.015),
    'ministral-8b-latest': usd(0.15, 0.15, 0.015),
    'ministral-3b-2512': usd(0.1, 0.1, 0.01),
    'ministral-3b-latest': usd(0.1, 0.1, 0.01),
    'magistral-medium': usd(2, 5),
    'magistral-small': usd(0.5, 1.5),
    'codestral-2508': CODESTRAL,
    'codestral-latest': CODESTRAL,
    'devstral-2512': DEVSTRAL,
    'devstral-latest': DEVSTRAL,
    'pixtral-large': usd(2, 6),
    'open-mistral-nemo': usd(0.15, 0.15),
    'mistral-embed': usd(0.1, 0.1),
  },
}
