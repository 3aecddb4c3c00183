/** How large a request may be. What goes beyond is `invalid_request`, before anything is sent. */
export interface RequestBounds {
  /** Default 512. Providers have bounds of their own, most of them lower. */
  readonly maxTools?: number
  /** Objects and lists in each other. Default 64. */
  readonly maxJsonDepth?: number
}
