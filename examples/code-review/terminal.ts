/** Just enough of a terminal: colours where they are wanted, words wrapped as they stream in, a table. */
import { stdout } from 'node:process'

const isTerminal = stdout.isTTY
const hasColour = isTerminal && !process.env['NO_COLOR']
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

export const width = Math.min(Math.max(isTerminal ? stdout.columns : 100, 60), 100)

export function paint(style: keyof typeof CODES, text: string): string {
  return hasColour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text
}

export function print(line = ''): void {
  stdout.write(`${line}\n`)
}

/** Begins a line that is ended by the next `print`. */
export function begin(text: string): void {
  stdout.write(text)
}

/** Writes text as it comes, broken between words, behind a margin. */
export function createWrappedText(margin: string): { write(text: string): void; end(): void } {
  let column = 0
  let word = ''

  const flush = (): void => {
    if (word === '') return
    if (column > 0 && margin.length + column + 1 + word.length > width) newLine()
    if (column === 0) stdout.write(paint('dim', margin))
    else stdout.write(' ')
    stdout.write(word)
    column += word.length + (column > 0 ? 1 : 0)
    word = ''
  }
  const newLine = (): void => {
    if (column === 0) stdout.write(paint('dim', margin.trimEnd()))
    stdout.write('\n')
    column = 0
  }

  return {
    write(text) {
      for (const character of text) {
        if (character === '\n') {
          flush()
          newLine()
        } else if (character === ' ') flush()
        else word += character
      }
    },
    end() {
      flush()
      if (column > 0) newLine()
    },
  }
}

/** Columns as wide as their widest cell; numbers (`right`) end at the column's edge. */
export function printTable(
  columns: readonly { readonly title: string; readonly right?: boolean }[],
  rows: readonly (readonly string[])[],
): void {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (columns[at]?.right ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
  print(paint('bold', line(columns.map(({ title }) => title)).trimEnd()))
  print(paint('dim', widths.map((size) => '─'.repeat(size)).join('──')))
  for (const row of rows) print(line(row).trimEnd())
}
