import { chatProtocol, GENERIC_DIALECT } from '../src/index.js'
import { replayRecordings } from './replay-recordings.js'

// Vendors whose answers any compatible server might give; their own packages know more.
const folders = ['openai-chat', 'mistral', 'deepseek', 'qwen', 'xai', 'openrouter']
replayRecordings(chatProtocol(GENERIC_DIALECT), folders)
