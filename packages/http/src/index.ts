export type { Authorise, Caller, Endpoint, EventFrames, SurfaceAnswer, SurfaceRequest } from './exchange.js'
