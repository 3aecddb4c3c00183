import { replayRecordings } from '../../openai-compatible/test/replay-recordings.js'
import { mistralProtocol } from '../src/mistral-protocol.js'
import { modelRules } from '../src/models.js'

replayRecordings(mistralProtocol(modelRules), ['mistral'])
