/** What a configuration may name as an adapter. */
import { anthropic } from '@turnout/anthropic'
import { deepseek } from '@turnout/deepseek'
import { gemini } from '@turnout/gemini'
import { mistral } from '@turnout/mistral'
import { openai } from '@turnout/openai'
import { openaiCompatible } from '@turnout/openai-compatible'
import { openrouter } from '@turnout/openrouter'
import { qwen } from '@turnout/qwen'
import { tokenmix } from '@turnout/tokenmix'
import { xai } from '@turnout/xai'

export const adapters = {
  anthropic,
  deepseek,
  gemini,
  mistral,
  openai,
  'openai-compatible': openaiCompatible,
  openrouter,
  qwen,
  tokenmix,
  xai,
}
