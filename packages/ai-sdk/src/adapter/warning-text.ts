/** Where a warning's text is depends on its kind and on the specification. */
export function warningText(warning: { readonly type: string }): string {
  const { message, feature, setting, details } = warning as Readonly<Record<string, string | undefined>>
  const subject = message ?? feature ?? setting ?? warning.type
  return details === undefined ? subject : `${subject}: ${details}`
}
