export type { Caller, Endpoint, EventFrames, SurfaceAnswer, SurfaceRequest } from './exchange.js'
