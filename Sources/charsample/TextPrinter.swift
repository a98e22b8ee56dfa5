// SPDX-License-Identifier: GPL-3.0-or-later
import CharText
import CommandSupport
import FileSupport

/// Writes symbols as text: bytes as they are into a pipe, control characters escaped on a terminal.
final class TextPrinter {
  private let output: OutputWriter
  private let bytes: [[UInt8]]
  private var escaper: ControlEscaper?
  private var endsLine = true

  init(_ output: OutputWriter, charset: Charset, isTerminal: Bool = Terminal(descriptor: 1).isTerminal) {
    self.output = output
    bytes = (0..<charset.count).map(charset.bytes(of:))
    escaper = isTerminal ? ControlEscaper() : nil
  }

  func write(_ ids: [UInt16]) throws {
    for id in ids {
      let symbol = bytes[Int(id)]
      endsLine = symbol.last == UInt8(ascii: "\n")
      try output.write(escaper?.escape(symbol) ?? symbol)
    }
  }

  /// Ends a text: the next one begins on a line of its own, and this one is out before more input is waited for.
  func endText() throws {
    if let rest = escaper?.finish() { try output.write(rest) }
    if !endsLine { try output.write("\n") }
    endsLine = true
    try output.flush()
  }
}
