import type { SurfaceFault } from '../../surface-fault.js'

/** @param message what is wrong and what to do, to stand behind the path */
export const refuse = (path: string, message: string): SurfaceFault => ({
  fault: true,
  status: 400,
  message: `${path}: ${message}`,
  path,
})
