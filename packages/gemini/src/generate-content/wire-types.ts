/** The generateContent API as JSON: only the fields that are read or written here. Answers may leave any of them out. */

export interface Part {
  text?: string
  /** The text is a summary of the model's thinking. */
  thought?: boolean
  /** Opaque; must come back in the same part. May stand on an empty text part. */
  thoughtSignature?: string
  inlineData?: InlineData
  fileData?: FileData
  functionCall?: FunctionCall
  functionResponse?: FunctionResponse
}

export interface InlineData {
  mimeType: string
  /** Bare base64. */
  data: string
}

export interface FileData {
  mimeType: string
  fileUri: string
}

export interface FunctionCall {
  id?: string
  name?: string
  args?: Record<string, unknown>
  /** Vertex with `streamFunctionCallArguments`: pieces of the arguments by JSON path. */
  partialArgs?: PartialArg[]
  willContinue?: boolean
}

export interface PartialArg {
  jsonPath?: string
  stringValue?: string
  numberValue?: number
  boolValue?: boolean
  nullValue?: unknown
  /** More of the same string follows. */
  willContinue?: boolean
}

export interface FunctionResponse {
  id?: string
  name: string
  response: Record<string, unknown>
  parts?: Part[]
}

export interface Content {
  role?: 'user' | 'model'
  parts?: readonly unknown[]
}

export interface FunctionDeclaration {
  name: string
  description?: string
  parametersJsonSchema?: object
}

export interface GenerationConfig {
  temperature?: number
  topP?: number
  topK?: number
  candidateCount?: number
  maxOutputTokens?: number
  stopSequences?: readonly string[]
  seed?: number
  presencePenalty?: number
  frequencyPenalty?: number
  responseLogprobs?: boolean
  logprobs?: number
  responseMimeType?: string
  responseJsonSchema?: object
  thinkingConfig?: { thinkingBudget?: number; thinkingLevel?: string; includeThoughts?: boolean }
}

export interface GenerateContentRequest {
  contents: readonly Content[]
  systemInstruction?: Content
  tools?: readonly unknown[]
  toolConfig?: {
    functionCallingConfig: { mode: 'AUTO' | 'ANY' | 'NONE'; allowedFunctionNames?: readonly string[] }
  }
  generationConfig?: GenerationConfig
  serviceTier?: string
  store?: boolean
  labels?: Readonly<Record<string, string>>
}

export interface GenerateContentAnswer {
  candidates?: Candidate[]
  promptFeedback?: { blockReason?: string }
  usageMetadata?: UsageMetadata
  modelVersion?: string
  responseId?: string
  /** RFC 3339; Vertex only. */
  createTime?: string
}

export interface Candidate {
  index?: number
  content?: Content
  finishReason?: string
  citationMetadata?: { citations?: Citation[]; citationSources?: Citation[] }
  groundingMetadata?: GroundingMetadata
  urlContextMetadata?: object
  logprobsResult?: LogprobsResult
}

export interface UsageMetadata {
  promptTokenCount?: number
  cachedContentTokenCount?: number
  candidatesTokenCount?: number
  thoughtsTokenCount?: number
  toolUsePromptTokenCount?: number
  totalTokenCount?: number
  promptTokensDetails?: ModalityCount[]
  candidatesTokensDetails?: ModalityCount[]
  serviceTier?: string
}

export interface ModalityCount {
  modality?: string
  tokenCount?: number
}

export interface Citation {
  startIndex?: number
  endIndex?: number
  uri?: string
  title?: string
  license?: string
}

export interface GroundingMetadata {
  groundingChunks?: { web?: Source; retrievedContext?: Source; maps?: Source }[]
  groundingSupports?: { segment?: Segment; groundingChunkIndices?: number[] }[]
}

export interface Source {
  uri?: string
  title?: string
}

/** Offsets in bytes of UTF-8. */
export interface Segment {
  startIndex?: number
  endIndex?: number
  text?: string
}

export interface LogprobsResult {
  chosenCandidates?: ScoredToken[]
  topCandidates?: { candidates?: ScoredToken[] }[]
}

export interface ScoredToken {
  token?: string
  logProbability?: number
}

export interface ErrorStatus {
  code?: number
  message?: string
  status?: string
  details?: unknown
}
