// SPDX-License-Identifier: GPL-3.0-or-later
import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Lines of standard input as they come: from a pipe, a script, or a terminal without readline.
final class PlainLineReader {
  private let records: RecordReader
  private let prompts: OutputWriter?

  /// A reader that shows prompts on a descriptor, or none.
  init(promptOn descriptor: Int32?, _ isInterrupted: @escaping @convention(c) () -> Bool) {
    let input = InputReader(descriptor: STDIN_FILENO, name: "stdin", interrupted: { isInterrupted() })
    records = RecordReader(input, separator: UInt8(ascii: "\n"))
    prompts = descriptor.map { OutputWriter(descriptor: $0, name: "prompt", buffering: .none) }
  }

  /// Shows the prompt and waits for a line.
  func next(_ prompt: LinePrompt) throws(FileError) -> LineEvent {
    // Somebody who does not see the prompt can still type.
    try? prompts?.write(prompt.before + prompt.text + prompt.after)
    do {
      return try records.next().map { .line($0) } ?? .end
    } catch {
      if error.isInterruption { return .interrupted }
      throw error
    }
  }
}
