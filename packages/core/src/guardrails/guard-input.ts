import type { ChatRequest } from '../contract/chat-request.js'

/** Allows, rewrites or blocks a request before anything leaves the process. Without guardrails it passes. */
export function guardInput(request: ChatRequest): ChatRequest {
  return request
}
