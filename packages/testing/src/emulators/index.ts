/** Provider emulators: real HTTP servers on a loopback port, with scripted answers, delays and faults. */
export { anthropicEmulator } from './anthropic/anthropic-emulator.js'
export { chatCompletionsEmulator } from './chat-completions/chat-completions-emulator.js'
export type { ChatProfile } from './chat-completions/chat-profile.js'
export { geminiEmulator } from './gemini/gemini-emulator.js'
export { mistralEmulator } from './mistral/mistral-emulator.js'
export { deepseekEmulator } from './deepseek/deepseek-emulator.js'
export { qwenEmulator } from './qwen/qwen-emulator.js'
export { openrouterEmulator } from './openrouter/openrouter-emulator.js'
export { tokenmixEmulator } from './tokenmix/tokenmix-emulator.js'
export { xaiEmulator } from './xai/xai-emulator.js'
export { openaiEmulator } from './openai/openai-emulator.js'
export { openaiProfile } from './openai/openai-profile.js'
export type { Emulator, EmulatorOptions, EmulatorReply, RawReply } from './emulator.js'
export type { RecordedRequest } from './recorded-request.js'
export type {
  AnswerReply,
  ErrorReply,
  FaultReply,
  Pacing,
  Reply,
  ScriptedErrorCode,
  ScriptedToolCall,
  ScriptedUsage,
} from '../script/reply.js'
export type { Replies, Script, ScriptedRequest } from '../script/script.js'
