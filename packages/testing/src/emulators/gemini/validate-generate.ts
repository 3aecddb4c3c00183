/** The checks that Gemini makes on everything but the contents. */
import { isGiven, isRecord, recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { camelKeys } from './camel-keys.js'
import { checkGeminiSchema } from './gemini-schema.js'
import { refuseArgument, refuseUnknownNames } from './refuse-argument.js'
import { validateContents } from './validate-contents.js'

const FIELDS = [
  'model',
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
  'cachedContent',
  'serviceTier',
  'store',
  'continuationToken',
  'modelArmorConfig',
]
const CONFIG_FIELDS = [
  'temperature',
  'topP',
  'topK',
  'candidateCount',
  'maxOutputTokens',
  'stopSequences',
  'responseLogprobs',
  'logprobs',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'responseMimeType',
  'responseSchema',
  'responseJsonSchema',
  'responseFormat',
  'responseModalities',
  'mediaResolution',
  'speechConfig',
  'audioTimestamp',
  'thinkingConfig',
  'imageConfig',
  'enableEnhancedCivicAnswers',
]

export interface GenerateRequest {
  readonly contents: unknown
  readonly config: JsonRecord
  readonly thinking: JsonRecord
}

/** @throws Refusal */
export function validateGenerate(given: unknown, model: string): GenerateRequest {
  if (!isRecord(given)) refuseArgument('Invalid JSON payload received. Unexpected token.')
  const body = camelKeys(given)
  refuseUnknownNames(Object.keys(body), FIELDS, '')
  const config = isRecord(body['generationConfig']) ? camelKeys(body['generationConfig']) : {}
  refuseUnknownNames(Object.keys(config), CONFIG_FIELDS, 'generation_config')
  validateContents(body['contents'], model)
  const thinking = isRecord(config['thinkingConfig']) ? camelKeys(config['thinkingConfig']) : {}
  checkConfig(config, thinking, model)
  recordsOf(body['tools']).forEach((tool, index) => checkTool(camelKeys(tool), index))
  checkToolConfig(body['toolConfig'])
  if (
    body['cachedContent'] !== undefined &&
    (isGiven(body['systemInstruction']) || isGiven(body['tools']) || isGiven(body['toolConfig']))
  ) {
    refuseArgument(
      'CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.',
    )
  }
  return { contents: body['contents'], config, thinking }
}

function checkConfig(config: JsonRecord, thinking: JsonRecord, model: string): void {
  const budget = isGiven(thinking['thinkingBudget'])
  const level = textOf(thinking['thinkingLevel']).toUpperCase()
  if (budget && level !== '')
    refuseArgument('You can only set only one of thinking budget and thinking level.')
  if (level !== '' && /^gemini-[12]/.test(model))
    refuseArgument('Thinking level is not supported for this model.')
  if (thinking['thinkingBudget'] === 0 && model.startsWith('gemini-2.5-pro'))
    refuseArgument('Budget 0 is invalid. This model only works in thinking mode.')
  if (level === 'MINIMAL' && /^gemini-(?:3(?:\.1)?-pro|3\.[78]-flash|4)/.test(model))
    refuseArgument('Thinking level MINIMAL is not supported for this model.')
  if (model.startsWith('gemini-4')) {
    if (budget) refuseArgument('Thinking budget is not supported for this model.')
    if (isGiven(config['presencePenalty']) || isGiven(config['frequencyPenalty']))
      refuseArgument('Penalty is not enabled for this model.')
    if (Number(config['candidateCount'] ?? 1) > 1)
      refuseArgument('Multiple candidates is not enabled for this model.')
  }
  if (Array.isArray(config['stopSequences']) && config['stopSequences'].length > 5) {
    refuseArgument(
      '* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences are allowed\n',
    )
  }
  const schemas = ['responseSchema', 'responseJsonSchema'].filter((name) => isGiven(config[name]))
  if (schemas.length > 1) refuseArgument('Only one of response_schema and response_json_schema can be set.')
  if (schemas.length === 1 && config['responseMimeType'] !== 'application/json') {
    refuseArgument('Response schema is only supported with response_mime_type application/json.')
  }
  checkGeminiSchema(config['responseSchema'], 'generation_config.response_schema')
}

function checkTool(tool: JsonRecord, index: number): void {
  recordsOf(tool['functionDeclarations']).forEach((given, at) => {
    const path = `tools[${index}].function_declarations[${at}]`
    const declaration = camelKeys(given)
    refuseUnknownNames(
      Object.keys(declaration),
      [
        'name',
        'description',
        'parameters',
        'parametersJsonSchema',
        'response',
        'responseJsonSchema',
        'behavior',
      ],
      path,
    )
    if (!/^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/.test(textOf(declaration['name']))) {
      refuseArgument(
        `* GenerateContentRequest.${path}.name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 64.\n`,
      )
    }
    if (isGiven(declaration['parameters']) && isGiven(declaration['parametersJsonSchema'])) {
      refuseArgument(
        `* GenerateContentRequest.${path}: only one of parameters and parameters_json_schema can be set\n`,
      )
    }
    checkGeminiSchema(declaration['parameters'], `${path}.parameters`)
  })
}

function checkToolConfig(given: unknown): void {
  const config = isRecord(given) ? camelKeys(given)['functionCallingConfig'] : undefined
  if (!isRecord(config)) return
  const { mode, allowedFunctionNames } = camelKeys(config)
  if (isGiven(allowedFunctionNames) && mode !== 'ANY' && mode !== 'VALIDATED') {
    refuseArgument('Function calling config mode should be set to ANY when allowed_function_names is set.')
  }
}
